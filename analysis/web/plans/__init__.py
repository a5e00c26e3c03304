"""The pages on which a plan is written, planned for power, and frozen."""
