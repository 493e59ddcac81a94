"""Makes the assignments, and grades them."""
