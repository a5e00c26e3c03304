"""What pages of the whole workspace show of panels: the tab, what is found, how each is."""
