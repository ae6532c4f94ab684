"""What ActivityPub documents mean: reading them, writing them, and whose they are."""
