"""Recording answers, row by row; `surveys.services.answers` is the way in."""
