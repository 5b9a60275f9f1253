"""A property test of all that can happen to orders: the model, the real service, and what customers do."""
