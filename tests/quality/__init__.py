"""How good FedCoP is: what the measuring scripts found, kept and written as one page."""
