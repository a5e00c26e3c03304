"""What stands beside the report: every item, estimate, prompt and checklist."""
