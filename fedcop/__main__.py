"""`python -m fedcop` is the command line."""

from fedcop.cli import main

main()
