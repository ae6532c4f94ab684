"""The JSON that other servers send, read without surprises.

Two readers of one document must see the same thing, so whatever JSON leaves open is refused:
duplicate keys, numbers that lose digits, lone surrogates, another encoding than UTF-8.
"""

from collections.abc import Mapping
from typing import Any, cast

import orjson

from fedcop.errors import Malformed

MAX_DEPTH = 64
MAX_MEMBERS = 20_000
MAX_STRING = 512 * 1024

_BOM = b"\xef\xbb\xbf"
_DIGITS = bytes.maketrans(b"0123456789E", b"0000000000e")
_INT64 = 2**63


def loads(body: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises Malformed, naming the trouble, for anything but UTF-8 (a byte order mark included), for
    anything but an object at the top, for more than 64 levels, 20,000 members and items or 512 KiB
    in one string, and for duplicate keys, numbers beyond 64 signed bits, NaN, Infinity, lone
    surrogates and NUL.
    """
    if body.startswith(_BOM):
        raise Malformed("The JSON starts with a byte order mark: send UTF-8 without one.")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"This is not valid JSON in UTF-8: {error}.") from error
    if type(document) is not dict:
        raise Malformed("The JSON has to be an object at its top.")
    outside = _outside_strings(body)
    keys = _count_keys(cast("dict[str, Any]", document))
    if outside.count(b":") != keys:
        raise Malformed("The JSON says the same key twice in one object.")
    digits = outside.translate(_DIGITS)
    if b"0" * 19 in digits or b"0e" in digits:
        _refuse_big_numbers(document)
    if len(body) > MAX_STRING:
        _refuse_long_strings(document)
    return cast("dict[str, Any]", document)


def dumps(document: Mapping[str, Any]) -> bytes:
    """Write a JSON object as compact UTF-8."""
    return orjson.dumps(document)


def _outside_strings(body: bytes) -> bytes:
    """What of valid JSON is no string; NUL in a string raises Malformed."""
    if b"\\" in body:
        # pairs first: what is left of a run of backslashes then escapes the byte behind it
        body = body.replace(b"\\\\", b"")
        if b"\\u0000" in body:
            raise Malformed("The JSON has a NUL character in a string.")
        body = body.replace(b'\\"', b"")
    return b"".join(body.split(b'"')[::2])


def _count_keys(document: dict[str, Any]) -> int:
    """How many keys there are in all; too deep or too many raises Malformed."""
    keys = items = depth = 0
    level: list[Any] = [document]
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise Malformed(f"The JSON is nested deeper than {MAX_DEPTH} levels.")
        below: list[Any] = []
        for container in level:
            if type(container) is dict:
                pairs = cast("dict[str, Any]", container)
                keys += len(pairs)
                below += [v for v in pairs.values() if type(v) is dict or type(v) is list]
            else:
                items += len(container)
                below += [v for v in container if type(v) is dict or type(v) is list]
        level = below
    if keys + items > MAX_MEMBERS:
        raise Malformed(f"The JSON has more than {MAX_MEMBERS:,} members.")
    return keys


def _leaves(document: Any) -> list[Any]:
    leaves: list[Any] = []
    level: list[Any] = [document]
    while level:
        below: list[Any] = []
        for item in level:
            if type(item) is dict:
                pairs = cast("dict[str, Any]", item)
                below += pairs.keys()
                below += pairs.values()
            elif type(item) is list:
                below += cast("list[Any]", item)
            else:
                leaves.append(item)
        level = below
    return leaves


def _refuse_big_numbers(document: Any) -> None:
    # orjson reads an integer that is too long as a float, so both kinds are looked at
    for leaf in _leaves(document):
        whole = type(leaf) is int and not -_INT64 <= leaf < _INT64
        if whole or (type(leaf) is float and abs(leaf) >= _INT64):
            raise Malformed("The JSON has a number beyond 64 bits: send it as a string.")


def _refuse_long_strings(document: Any) -> None:
    for leaf in _leaves(document):
        if type(leaf) is str and len(leaf.encode()) > MAX_STRING:
            raise Malformed(f"The JSON has a string of more than {MAX_STRING // 1024} KiB.")
