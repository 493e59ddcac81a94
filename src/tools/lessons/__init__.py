"""Runs the lessons, and checks them."""
