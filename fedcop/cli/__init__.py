"""The command line: `fedcop` and `python -m fedcop`."""

from typing import Annotated

import typer

from fedcop import __version__
from fedcop.cli.shelf import Shelf

app = typer.Typer(
    cls=Shelf,
    help="A community server for the fediverse.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def start(
    *, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    """What stands before every command."""
    if version:
        typer.echo(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command that the process was started with."""
    app()
