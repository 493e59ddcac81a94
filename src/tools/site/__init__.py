"""Makes the site."""
