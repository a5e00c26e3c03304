"""The back office of invitations: addresses, mails, what became of each; and asking for no more."""
