"""Makes and checks the course: its lessons, its site, its assignments."""
