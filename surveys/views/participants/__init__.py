"""The doors of people who take part: addresses that need no account, cookie or JavaScript."""
