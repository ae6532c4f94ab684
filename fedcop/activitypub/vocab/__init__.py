"""The ActivityStreams types that FedCoP reads, one normal form for the many ways to write them."""
