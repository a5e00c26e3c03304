"""What a model is: syntax, parameter table, constraints, matrices, identification."""
