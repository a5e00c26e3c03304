"""Pages of one's own account: signing in, password, second factor, invitations."""
