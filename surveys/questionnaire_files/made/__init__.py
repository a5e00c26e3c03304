"""What becomes of a questionnaire: instruments, their scales, the draft of a study, the losses."""
