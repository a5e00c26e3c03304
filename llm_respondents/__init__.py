"""Language models as respondents: panels, providers, the loop that asks, transcripts."""
