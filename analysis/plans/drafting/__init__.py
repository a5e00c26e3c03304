"""Plans that are being written: what is wrong with them so far, kept, planned for power, frozen."""
