"""The table of commands, each loaded when it is run; help is printed from the catalogue.

Loading the whole server takes seconds; to say what a command does needs nothing of it.
"""

import asyncio
import gc
from collections.abc import Iterator, MutableMapping
from importlib import import_module
from types import ModuleType
from typing import Any

import typer.main
from typer.core import TyperCommand, TyperGroup

from fedcop.cli.catalogue import card
from fedcop.errors import FedcopError, Invalid

COMMANDS = {
    "init": ("setup", "Set up a server in this folder, under the name that it has for ever."),
    "serve": ("serve", "Run the server: its pages, its doors to other servers, and its worker."),
    "worker": ("serve", "Run the worker alone, beside servers on the same PostgreSQL database."),
    "health": ("serve", "Ask the running server whether all is well."),
    "doctor": ("doctor", "Look at everything that a server needs, and say what is wrong with it."),
    "backup": ("backup", "Backups: made while the server runs, verified, restored."),
    "db": ("db", "The database and its schema."),
    "user": ("people", "People who have an account here."),
    "community": ("communities", "Communities of this server."),
    "federation": ("federation", "Other servers and what goes to them."),
    "demo": ("demo", "Two servers with people in them, federating before your eyes."),
    "demo-server": ("demo_server", "One of the two servers of the demo."),
    "demo-check": ("demo_server", "Let two empty servers federate, and print what held."),
}
"""Name of the command → its module in this folder, and its line in the list."""

HIDDEN = frozenset({"demo-server", "demo-check"})

_Command = TyperCommand | TyperGroup


class _Loading(MutableMapping[str, _Command]):
    """Commands by name, each imported when it is asked for."""

    def __init__(self) -> None:
        self._loaded: dict[str, _Command] = {}

    def __getitem__(self, name: str) -> _Command:
        if name not in self._loaded:
            module = _load(f"fedcop.cli.{COMMANDS[name][0]}")
            group: Any = typer.main.get_command(module.app)
            group.params = [one for one in group.params if "completion" not in one.name]
            self._loaded[name] = getattr(group, "commands", {}).get(name, group)
        return self._loaded[name]

    def __setitem__(self, name: str, command: _Command) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


def _load(name: str) -> ModuleType:
    """Import without the collector: what is loaded stays, and looking at it took a fifth of it."""
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()


class Shelf(TyperGroup):
    """The commands of `COMMANDS`. What goes wrong on purpose is told in words, with status 1."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Loading()
        self._lists = False

    def list_commands(self, ctx: Any) -> list[str]:
        """Every name, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, loaded; while the list is printed, only its line there."""
        if cmd_name not in COMMANDS:
            return None
        if not self._lists:
            return self.commands[cmd_name]
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name][1], hidden=cmd_name in HIDDEN)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is named; only what is written of it, if its help is asked for."""
        if "--help" in args or len(args) == 1:
            written = card(args)
            if written is not None and ("--help" in args or isinstance(written, TyperGroup)):
                return args[0], written, args[1:]
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the list without loading what is in it."""
        self._lists = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._lists = False

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a FedcopError ends it with its message, status 1, and no traceback."""
        try:
            return super().invoke(ctx)
        except FedcopError as error:
            typer.secho(f"Not done: {_words(error)}", fg=typer.colors.RED, err=True)
            raise typer.Exit(1) from error
        except (KeyboardInterrupt, asyncio.CancelledError) as stopped:
            raise typer.Exit(130) from stopped


def _words(error: FedcopError) -> str:
    if isinstance(error, Invalid) and error.fields:
        return "\n".join(f"{field}: {said}" for field, said in error.fields.items())
    return str(error)
