"""Measures what the course costs."""
