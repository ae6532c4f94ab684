"""Proofs of who speaks: HTTP signatures on requests, integrity proofs inside documents."""
