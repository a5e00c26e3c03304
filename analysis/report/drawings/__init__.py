"""The figures of a report, each drawn once for both the PDF and the workspace."""
