"""What a customer takes along, and what is left of an account that is deleted."""
