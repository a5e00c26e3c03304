"""The models that are fitted to groups, and what is said of them side by side."""
