"""What a measurement model says of its factors and items: means, reliability, bias, alignment."""
