"""Writing to people who were invited: addresses, mails, what became of each."""
