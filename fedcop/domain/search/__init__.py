"""Full-text search of posts, people and communities."""
