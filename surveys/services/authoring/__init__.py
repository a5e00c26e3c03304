"""What can be done with instruments that are being written, and with the library."""
