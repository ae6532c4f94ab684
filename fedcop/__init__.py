"""FedCoP: communities of practice that live on many servers at once."""

__version__ = "0.1.0"
