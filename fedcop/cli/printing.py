"""Lists and lines of commands: for a reader as a table, for a program as JSON."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

console = Console(highlight=False, soft_wrap=True)


def listed(rows: Sequence[dict[str, Any]], *, as_json: bool, empty: str) -> None:
    """Print rows that all have the same keys, or `empty` in their place."""
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, default=_plain, indent=2))
        return
    if not rows:
        console.print(empty)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in rows[0]:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    console.print(table)


def ago(moment: datetime | None) -> str:
    """How long ago, or in how long, in the largest unit that fits."""
    if moment is None:
        return "–"
    seconds = (datetime.now(UTC) - moment).total_seconds()
    size = abs(seconds)
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        if size >= length:
            words = f"{int(size // length)} {unit}"
            return f"{words} ago" if seconds > 0 else f"in {words}"
    return "now"


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return ago(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None or value == "" else str(value)


def _plain(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
