"""What is said of a solution: indices, standardised values, admissibility, signs aligned."""
