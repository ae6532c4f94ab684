"""The pages of those who administer this server."""
