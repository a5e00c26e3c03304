"""What is read of panels: progress, transcripts, searches, replies read again."""
