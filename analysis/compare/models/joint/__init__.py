"""The people and models fitted side by side, on the measurement model they share."""
