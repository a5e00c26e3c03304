"""Pages of the panels. Whoever is not a member of the study finds nothing here."""
