"""What FedCoP would make of a document, told without a server: the inbox's own rules, in words."""
