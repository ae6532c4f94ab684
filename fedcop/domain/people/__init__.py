"""People and other actors, here and elsewhere."""
