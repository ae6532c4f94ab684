"""Texts that strangers collected to break programs, and some of our own for the databases."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from tests.fuzz.examples import TIMES

T = TypeVar("T")

STORAGE = (
    "a\0b",
    "\0",
    "\x01\x02\x1b[31m\x7f",
    "\ud800",
    "a\udfffb",
    "\ud83d",
    "\ufdd0 \ufffe \uffff",
    "\u202eevil\u202c \u2066x\u2069 \u200b\u200e\ufeff",
    "e" + "\u0301" * 400,
    "9" * 400,
    "-9223372036854775809",
    "1e309",
    "NaN",
    "0x7fffffffffffffff",
    "';DROP TABLE posts;--",
    "\\'; COPY (SELECT 1) TO PROGRAM 'id';--",
    "%s %(x)s :name $1 ? {0} {x}",
    "\r\n\r\nHTTP/1.1 200 OK\r\n",
    " \t\n\x0b\x0c\x85\xa0\u2028\u2029\u3000",
    "ﷺ" * 200,
    "İıſK" * 20,
    "𝕒𝓑𐐀🏳️‍🌈👨‍👩‍👧‍👦" * 20,
    "a" * 1_000 + "\n" * 1_000,
    '" * OR NEAR(a b) AND NOT (',
    "^a:b* & | ! <-> 'x':*",
)


def collected(shared: Path) -> list[str]:
    """The naughty strings, the attacks and the Markdown of the published collections."""
    folder = shared / "hostile-data"
    naughty: list[str] = json.loads((folder / "strings" / "blns.json").read_text())
    files = sorted((folder / "xss").rglob("*.test"))
    attacks = [file.read_text(errors="replace").partition("\n--\n")[0] for file in files]
    examples = json.loads((folder / "markdown" / "commonmark-spec.json").read_text())
    markdown = [example["markdown"] for example in examples]
    transforms = sorted((folder / "json" / "JSONTestSuite-transform").glob("*.json"))
    odd = [file.read_bytes().decode("utf-8", "surrogateescape") for file in transforms]
    assert min(len(naughty), len(attacks), len(markdown), len(odd)) >= 20
    return [*naughty, *attacks, *markdown, *odd]


def some(things: Sequence[T], count: int, start: int = 0) -> list[T]:
    """So many of them, spread over all; another `start` gives others. All, if it is for long."""
    step = max(1, len(things) // (count * TIMES))
    return list(things[start % step :: step])
