"""Where the stewards of a community work: requests, reports, bans."""
