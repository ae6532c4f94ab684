"""`fedcop federation explain`: what would become of documents, without a server."""

import json
import os
import stat
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from fedcop.cli.printing import console
from fedcop.errors import NotFound
from fedcop.inbox.explain.files import LARGEST_FILE, explain_file
from fedcop.inbox.explain.outcomes import Explanation, Outcome
from fedcop.wiring import OBJECT_TYPES

SUFFIXES = frozenset({".json", ".jsonld", ".jsonl", ".ndjson", ".activity"})
"""Files of a folder that are read; a file that is named itself is read whatever it is called."""

Where = Annotated[
    str,
    typer.Argument(
        metavar="FILE|DIR|-",
        help="A file of JSON, a folder of them, or - for the standard input.",
    ),
]
Lines = Annotated[bool, typer.Option("--json", help="Print one line of JSON for each document.")]


@dataclass(slots=True)
class _Folder:
    """The files of a folder, in order: those to read, and how many others there are."""

    files: list[Path]
    others: int = 0


def explain(path: Where, as_json: Lines = False) -> None:
    """Say what FedCoP would make of ActivityPub documents, and by which rule.

    No server is needed. With --json each line has "file", "type", "outcome" and "reason"; the
    outcome is one of actor, post, reply, vote, membership, moderation, collection, delivery-only,
    ignored and refused.
    """
    folder = _folder(Path(path)) if path != "-" and Path(path).is_dir() else None
    counts = Counter[Outcome]()
    for name, found in _explanations(path, folder):
        counts[found.outcome] += 1
        row = {"file": name, "type": found.type, "outcome": found.outcome, "reason": found.reason}
        if as_json:
            print(json.dumps(row))
        else:
            _tell(row)
    if not as_json:
        _sum_up(counts, folder)


def _explanations(path: str, folder: _Folder | None) -> Iterator[tuple[str, Explanation]]:
    if folder is None:
        try:
            body = _read(path)
        except OSError as error:
            raise NotFound(f"{_words(path)} cannot be read: {error.strerror}.") from error
        for found in explain_file(body, OBJECT_TYPES):
            yield path, found
        return
    for file in folder.files:
        try:
            answers = list(explain_file(_read_regular(file), OBJECT_TYPES))
        except OSError as error:
            reason = f"The file cannot be read: {error.strerror}."
            answers = [Explanation("", Outcome.REFUSED, reason)]
        for found in answers:
            yield str(file), found


def _folder(path: Path) -> _Folder:
    """Every file below `path`, in sorted order. Raises NotFound if it cannot be read itself."""
    found = _Folder([])

    def trouble(error: OSError) -> None:
        if Path(error.filename) == path:
            raise NotFound(f"{_words(path)} cannot be read: {error.strerror}.") from error
        found.files.append(Path(error.filename))  # reading it tells the reason

    for root, _, names in os.walk(path, onerror=trouble):
        for name in names:
            if Path(name).suffix.lower() in SUFFIXES:
                found.files.append(Path(root) / name)
            else:
                found.others += 1
    found.files.sort(key=lambda file: file.parts)
    return found


def _read(path: str) -> bytes:
    """The bytes of what was named, as far as one file may be long."""
    if path == "-":
        return sys.stdin.buffer.read(LARGEST_FILE + 1)
    with Path(path).open("rb") as file:
        return file.read(LARGEST_FILE + 1)


def _read_regular(path: Path) -> bytes:
    """The same of a file in a folder: what is no file there (a pipe) is not waited for."""
    if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
        raise OSError(0, "it is a pipe, a socket or a device")
    return _read(str(path))


def _tell(row: dict[str, Any]) -> None:
    kind = row["type"] or "?"
    console.print(f"{row['outcome']:<14}", style="bold", end="", markup=False)
    console.print(f"{_words(kind)}  {_words(row['file'])}", markup=False)
    console.print(f"{'':<14}{_words(row['reason'])}", markup=False, style="dim")


def _sum_up(counts: Counter[Outcome], folder: _Folder | None) -> None:
    total = counts.total()
    parts = ", ".join(f"{counts[one]} {one}" for one in Outcome if counts[one])
    console.print(f"\n{total} document{'' if total == 1 else 's'}: {parts or 'nothing to read'}.")
    if folder and folder.others:
        names = ", ".join(sorted(SUFFIXES))
        console.print(f"Left out: {folder.others}, whose name does not end in {names}.")


def _words(text: object) -> str:
    """Text that any terminal can show: what cannot be printed is written as its number."""
    plain = str(text).encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in plain)
