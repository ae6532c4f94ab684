"""What every command says of itself, written down, so that `--help` needs nothing of the server.

A command's module imports the whole server, which takes seconds. `catalogue.json` beside this file
holds what its help is printed from; `python -m tests.house.docs --write` writes it anew, and tests
hold it against the commands.
"""

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

_CHOICE = re.compile(r"<[^|\[]+(\|[^|\[]+)+>")
CATALOGUE = Path(__file__).with_name("catalogue.json")

_TYPES: dict[str, tuple[Any, dict[str, Any]]] = {
    "<str>": (str, {}),
    "<int>": (int, {}),
    "<float>": (float, {}),
    "<bool>": (bool, {}),
    "<path>": (Path, {}),
    "<file>": (Path, {"dir_okay": False}),
    "<directory>": (Path, {"file_okay": False}),
    "<list[str]>": (list[str], {}),
}
"""Type as it is shown → the type that is shown so, and what else the parameter needs for it."""


def describe(command: Any) -> dict[str, Any]:
    """What `card` needs to print the help of a command, or of a group with all that is in it."""
    entry: dict[str, Any] = {"help": command.help or ""}
    if command.hidden:
        entry["hidden"] = True
    if isinstance(command, TyperGroup):
        below = {name: command.get_command(_context(command), name) for name in command.commands}
        entry["commands"] = {name: describe(one) for name, one in below.items()}
    else:
        shown = [one for one in command.params if one.name != "help" and not one.hidden]
        entry["parameters"] = [_described(command, one) for one in shown]
    return entry


def _described(command: Any, parameter: Any) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "options": _spelled(parameter) if parameter.param_type_name == "option" else None,
        "type": parameter.display_type_rich(_context(command)),
        "metavar": parameter.metavar,
        "help": parameter.help or "",
        "required": parameter.required,
        "default": _default(parameter),
    }


def _spelled(option: Any) -> str:
    return "/".join(",".join(some) for some in (option.opts, option.secondary_opts) if some)


def _default(parameter: Any) -> Any:
    default = parameter.default
    return default if default is None or isinstance(default, bool | int | float) else str(default)


def _context(command: Any) -> Any:
    return command.context_class(command, info_name=command.name)


def card(words: Sequence[str]) -> TyperCommand | TyperGroup | None:
    """A command that can print its help and do nothing else; None if it is not written down.

    `words` are those after the program's name; what stands behind the command's own is passed over.
    """
    entry: dict[str, Any] = {"commands": _written()}
    for name in words:
        if "commands" not in entry or name.startswith("-"):
            break
        if name not in entry["commands"]:
            return None
        entry = entry["commands"][name]
    name = words[0]
    return _made(name, _written()[name])


@cache
def _written() -> dict[str, Any]:
    return json.loads(CATALOGUE.read_text(encoding="utf-8"))


def _made(name: str, entry: dict[str, Any]) -> TyperCommand | TyperGroup:
    if "commands" in entry:
        below: dict[str, Any] = {one: _made(one, inner) for one, inner in entry["commands"].items()}
        return TyperGroup(name=name, commands=below, help=entry["help"], no_args_is_help=True)
    alone = typer.Typer(add_completion=False)
    hidden = entry.get("hidden", False)
    alone.command(name, help=entry["help"], hidden=hidden)(_function(entry["parameters"]))
    made: Any = typer.main.get_command(alone)
    return made


def _function(parameters: Sequence[dict[str, Any]]) -> Callable[..., None]:
    """A function that Typer reads as the command's own: it looks at names, types and defaults."""

    def nothing(**_: Any) -> None: ...

    taken = [_parameter(one) for one in parameters]
    nothing.__annotations__ = {one.name: one.annotation for one in taken}
    nothing.__signature__ = Signature(taken)  # pyright: ignore[reportFunctionMemberAccess]
    return nothing


def _parameter(entry: dict[str, Any]) -> Parameter:
    shown = entry["type"] or ""
    kind, more = _TYPES.get(shown, (str, {}))
    if _CHOICE.fullmatch(shown):
        kind = Literal[tuple(shown[1:-1].split("|"))]
    if entry["options"] is None:
        about: Any = typer.Argument(help=entry["help"], metavar=entry["metavar"], **more)
    else:
        metavar = entry["metavar"] if shown in _TYPES else shown
        about = typer.Option(entry["options"], help=entry["help"], metavar=metavar, **more)
    default = Parameter.empty if entry["required"] else entry["default"]
    return Parameter(
        entry["name"], Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, about]
    )
