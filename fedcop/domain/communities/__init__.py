"""Communities of practice: founding, charter, members, roles."""
