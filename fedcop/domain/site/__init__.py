"""The organization that runs this server, and its own actor."""
