"""What is made from the settings and the commands themselves: two reference pages, and all help.

`python -m tests.house.docs --write` writes them anew; a test compares them with what is written.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main
from pydantic import SecretStr

from fedcop.cli import app
from fedcop.cli.catalogue import CATALOGUE, describe
from fedcop.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "fedcop"

_SETTINGS_HEAD = """\
# Settings

*This page is made from `fedcop/settings.py` by `python -m tests.house.docs --write`.*

A setting is read, first found first, from

1. the environment: `FEDCOP_HOST=community.example.org`;
2. a file that the environment names, for secrets: `FEDCOP_SECRET_KEY_FILE=/run/secrets/key`;
3. `fedcop.toml` in the working folder, or in the folder (or the file) that `FEDCOP_CONFIG` names:
   `host = "community.example.org"`;
4. its default.

`host` alone must be set. All that a steward may want to change is in the administration's pages,
not here.
"""

_COMMANDS_HEAD = """\
# Commands

*This page is made from `fedcop/cli/` by `python -m tests.house.docs --write`.*

Every command answers `--help`. Exit status: 0 done, 1 not done (the message says what to try
next), 2 not understood.
"""


def _sentence(text: str | None) -> str:
    """The first paragraph on one line, fit for a cell of a table."""
    paragraph = (text or "").strip().split("\n\n")[0]
    return re.sub(r"\s+", " ", paragraph).replace("|", "\\|")


def _default(value: object) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value in ("", None):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def settings_page() -> str:
    """`docs/admins/settings.md` as the settings are now."""
    lines = [_SETTINGS_HEAD, "| setting | environment | default | meaning |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "must be set" if field.is_required() else _default(field.get_default())
        meaning = _sentence(field.description)
        lines.append(f"| `{name}` | `FEDCOP_{name.upper()}` | {default} | {meaning} |")
    return "\n".join(lines) + "\n"


def _commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if getattr(command, "hidden", False):
        return
    yield words, command
    for name, below in sorted(getattr(command, "commands", {}).items()):
        yield from _commands(below, (*words, name))


def _parameter(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        name = f"`{(parameter.metavar or parameter.name).upper()}`"
    else:
        names = [*parameter.opts, *parameter.secondary_opts]
        name = ", ".join(f"`{option}`" for option in names)
    default = parameter.default
    shown = "" if callable(default) or default is False else _default(default)
    if parameter.required:
        shown = "must be given"
    return f"| {name} | {shown} | {_sentence(parameter.help)} |"


def commands_page() -> str:
    """`docs/admins/commands.md` as the commands are now."""
    lines = [_COMMANDS_HEAD]
    for words, command in _commands(typer.main.get_command(app), (PROGRAM,)):
        lines += [f"## `{' '.join(words)}`", "", _sentence(command.help), ""]
        shown = [
            p
            for p in command.params
            if not getattr(p, "hidden", False) and "completion" not in p.name and p.name != "help"
        ]
        if shown:
            lines += ["| | default | meaning |", "|---|---|---|", *map(_parameter, shown), ""]
    return "\n".join(lines).rstrip() + "\n"


def catalogue() -> str:
    """`fedcop/cli/catalogue.json`, from which `--help` is printed, as the commands are now."""
    commands: dict[str, Any] = getattr(typer.main.get_command(app), "commands", {})
    written = {name: describe(commands[name]) for name in commands}
    return json.dumps(written, indent=1, ensure_ascii=False) + "\n"


PAGES = {
    CATALOGUE: catalogue,
    ROOT / "docs" / "admins" / "settings.md": settings_page,
    ROOT / "docs" / "admins" / "commands.md": commands_page,
}


def main() -> None:
    """Write the pages (`--write`), or print them."""
    for path, page in PAGES.items():
        if "--write" in sys.argv[1:]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(page())
        else:
            sys.stdout.write(page())


if __name__ == "__main__":
    main()
