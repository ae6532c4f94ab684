"""The other servers: who they are, and all that was said between us."""
