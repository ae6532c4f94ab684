"""What keeps a community safe: reports, and the log of what stewards and admins did."""
