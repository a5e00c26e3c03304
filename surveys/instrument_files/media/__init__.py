"""Pictures, sound and video in instrument files: named by a path, with what is said of them."""
