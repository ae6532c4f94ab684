"""Help is printed from the catalogue, and says what the commands themselves would say."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from fedcop.cli import app
from fedcop.cli.catalogue import card
from fedcop.cli.shelf import COMMANDS


def _all(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for name, below in sorted(getattr(command, "commands", {}).items()):
        yield from _all(below, (*words, name))


def _printed(command: Any, name: str, capsys: pytest.CaptureFixture[str]) -> str:
    context = command.context_class(command, info_name=name)
    said = command.get_help(context)
    return said + capsys.readouterr().out


@pytest.mark.parametrize("first", COMMANDS)
def test_the_catalogue_prints_what_the_commands_print(
    first: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    shelf: Any = typer.main.get_command(app)
    for words, command in _all(shelf.commands[first], (first,)):
        written: Any = card(words)
        for name in words[1:]:
            written = written.commands[name]
        assert _printed(written, words[-1], capsys) == _printed(command, words[-1], capsys), words


def test_what_is_not_in_the_catalogue_is_asked_of_the_command() -> None:
    assert card(["community", "no-such-command", "--help"]) is None
    assert card(["no-such-group"]) is None
    assert card(["community", "create", "--founder"]) is not None


@pytest.mark.parametrize("words", ["--help", "user", "user --help", "community create --help"])
def test_help_loads_nothing_of_the_server(words: str) -> None:
    heavy = "sqlalchemy", "aiohttp", "starlette", "cryptography"
    look = (
        "import sys\nfrom fedcop.cli import main\n"
        f"sys.argv = ['fedcop', *{words.split()!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print(sorted(set({heavy!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "Usage: " in done.stdout
