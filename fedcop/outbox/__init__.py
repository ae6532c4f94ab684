"""All that we tell other servers: the other hallway of the house."""
