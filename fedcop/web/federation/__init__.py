"""The doors for other servers: inboxes, documents, and how we are found."""
