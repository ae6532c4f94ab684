"""Whether servers that hear of the same things in any order end with the same."""
