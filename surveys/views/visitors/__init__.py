"""What somebody is told whose page is nobody's: an error, in the language of their browser."""
