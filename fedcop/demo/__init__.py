"""Two servers with people in them, to try FedCoP before installing it."""
