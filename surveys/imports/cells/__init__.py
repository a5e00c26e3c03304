"""What cells of a data file stand for, and columns that hold one answer together. Pure."""
