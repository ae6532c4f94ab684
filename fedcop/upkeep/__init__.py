"""Looks after a server: what is wrong with it, its backups, its move to another database."""
