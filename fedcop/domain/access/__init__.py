"""How a person here comes in: passwords, sessions, one-time links."""
