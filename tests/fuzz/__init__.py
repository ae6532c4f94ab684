"""Readers of strangers' text, tried with what nobody thought of."""
