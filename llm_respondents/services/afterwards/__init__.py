"""What is done with a panel once there are replies: reading them, asking lost turns again."""
