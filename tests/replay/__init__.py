"""What other software really sent, sent again: `python -m tests.replay`."""
