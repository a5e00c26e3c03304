"""What holds of every address of REST: how lists are paged, and what a repeated request does."""
