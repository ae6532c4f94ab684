"""All that other servers bring, or that we fetch: one hallway of the house."""
