"""Bodies that cases name in a word: long, deep, compressed, wrongly coded, slow."""

import gzip
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.hostile.people import AS

Made = Any
_NUMBER = re.compile(r"(\d)\d*…(\d+) digits")


class Unknown(Exception):
    """Words for which no table has anything; the message is the words."""


def _clique(number: str) -> Made:
    count = int(number)
    return [
        {"id": f"_:b{i}", "p": [f"_:b{j}" for j in range(count) if j != i]} for i in range(count)
    ]


def _context_terms(number: str) -> Made:
    return [AS, {f"t{i}": f"https://example.org/{i}" for i in range(int(number))}]


VALUES: tuple[tuple[re.Pattern[str], Callable[..., Made]], ...] = (
    (re.compile(r"clique:(\d+)"), _clique),
    (re.compile(r"ctx_(\d+)_terms"), _context_terms),
    (re.compile(r"lone_surrogate"), lambda: "a\ud800b"),
    (re.compile(r"nul"), lambda: "\0"),
    (re.compile(r"b_x_(\d+)"), lambda count: "<b>" * int(count)),
    (re.compile(r"redos_(\d+)k"), lambda size: _puzzle(int(size) * 1000)),
)
"""A placeholder that is a whole value, or a part of a text, with what it makes."""


def _puzzle(size: int) -> str:
    """What linkers and Markdown readers stumble over, in equal parts, within 50,000 letters."""
    parts = ("@a" * size, "[" * size, "#" * size, "http://" + "." * size)
    return " ".join(part[: size // 4 - 2] for part in parts)


def value_of(name: str) -> Made:
    """What a placeholder stands for. Raises Unknown."""
    for pattern, make in VALUES:
        found = pattern.fullmatch(name)
        if found is not None:
            return make(*found.groups())
    raise Unknown(f"{{{{{name}}}}}")


def _of_size(activity: bytes, number: str) -> bytes:
    size = int(number)
    return activity[:-1] + b',"x":"' + b"a" * (size - len(activity) - 7) + b'"}'


def _bomb(activity: bytes) -> bytes:
    return gzip.compress(b" " * (300 << 20), 9)


def _deep(activity: bytes, number: str) -> bytes:
    return b"[" * int(number) + b"]" * int(number)


RAW: tuple[tuple[re.Pattern[str], Callable[..., bytes]], ...] = (
    (re.compile(r"\{\{json_(\d+)\}\}"), _of_size),
    (re.compile(r"\{\{json_depth_(\d+)\}\}"), _deep),
    (re.compile(r"\{\{gzip_bomb\}\}"), _bomb),
    (re.compile(r"\{\{utf16_json\}\}"), lambda activity: activity.decode().encode("utf-16")),
)
"""Bytes in place of a body; each gets an ordinary activity to begin with."""

MANNERS = frozenset({"{{cl_mismatch}}", "{{slow_headers}}", "{{slow_body}}"})
"""Not bytes, but ways of sending: `slowly` knows them."""


def raw_bytes(words: str, activity: Mapping[str, Any]) -> bytes:
    """The bytes for the `raw` of a case. Raises Unknown.

    An ellipsis in what looks like JSON stands for the digits it names, or for the rest of an
    ordinary activity.
    """
    plain = json.dumps(activity).encode()
    for pattern, make in RAW:
        found = pattern.fullmatch(words)
        if found is not None:
            return make(plain, *found.groups())
    number = _NUMBER.search(words)
    if number is not None:
        return _NUMBER.sub(number[1] * int(number[2]), words).encode()
    if words.startswith("{") and "…" in words and "{{" not in words:
        rest = {name: value for name, value in activity.items() if f'"{name}"' not in words}
        return words.replace("…", json.dumps(rest)[1:-1]).encode()
    raise Unknown(words)
