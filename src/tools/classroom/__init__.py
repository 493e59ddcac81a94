"""Tests of the course on a machine for many."""
