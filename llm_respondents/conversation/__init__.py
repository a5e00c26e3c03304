"""What is said in a session: arms, prompts, replies, and reading an answer out of a reply. Pure."""
