"""Who replies: a model behind an API, or a scripted respondent with known traits."""
