"""The JSON reader: it reads what another reader reads, and nothing that could be read twice."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedcop.activitypub.json import MAX_MEMBERS, dumps, loads
from fedcop.errors import Malformed
from tests.fuzz.examples import few

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12)
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(-1e15, 1e15, allow_nan=False)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXT | st.sampled_from(['"', "\\", '\\"', "{}", ":"])
VALUES = st.recursive(
    LEAVES,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(TEXT, below, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXT, VALUES, max_size=5)
PIECES = [b'"', b"\\", b"{", b"}", b",", b":", b"0", b"e9", b"-", b"\\u0000", b"\\ud800", b"\0"]
PIECES += [b'"a":1,', b"NaN", b"/**/", b"\xef\xbb\xbf", b"\xff", b"9" * 20, b"1e99"]


def strictly(body: bytes) -> Any:
    """The same by the reader of Python. Raises ValueError for what could be read in two ways."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in found}) != len(found):
            raise ValueError("twice")
        return dict(found)

    def refuse(word: str) -> None:
        raise ValueError(word)

    text = body.decode("utf-8")
    read = json.loads(text, object_pairs_hook=pairs, parse_constant=refuse)
    json.dumps(read, ensure_ascii=False).encode()  # fails for half a surrogate pair
    return read


@given(OBJECTS, st.booleans(), st.sampled_from([None, 1, "\t"]))
@few(80)
def test_what_is_written_is_read_whoever_writes_it(document, ascii_only, indent) -> None:
    assert loads(dumps(document)) == document
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    assert loads(text.encode()) == document


@given(OBJECTS, st.data())
@few(150)
def test_what_is_read_is_what_another_reader_reads(document, data) -> None:
    """Whole documents with one place changed: refused, or one meaning."""
    body = json.dumps(document, ensure_ascii=data.draw(st.booleans())).encode()
    at = data.draw(st.integers(0, len(body)))
    piece = data.draw(st.sampled_from(PIECES) | st.binary(max_size=3))
    changed = body[:at] + piece + body[at + data.draw(st.integers(0, 3)) :]
    try:
        read = loads(changed)
    except Malformed:
        return
    assert read == strictly(changed)
    assert b"\\u0000" not in json.dumps(read).encode().replace(b"\\\\", b"")


@given(OBJECTS, TEXT, st.data())
@few(60)
def test_a_key_twice_is_refused_however_it_is_spelt(document, key, data) -> None:
    second = "".join(
        f"\\u{ord(c):04x}" if ord(c) < 0x10000 and data.draw(st.booleans()) else json.dumps(c)[1:-1]
        for c in key
    )
    inner = f"{{{json.dumps(key)}: 1, {json.dumps(document)[1:-1] or json.dumps(key + 'x') + ': 1'}"
    inner += f', "{second}" : 2}}'
    bodies = [inner, f'{{"a": [{inner}]}}', f'{{"a": {{"b": [1, {inner}]}}}}']
    for body in bodies:
        with pytest.raises(Malformed):
            loads(body.encode())


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
@few(150)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        read = loads(body)
    except Malformed:
        return
    assert read == strictly(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":' + b"[" * 500_000,
        b'{"a":' * 200_000,
        b'{"' + b"\\" * 1_000_000,
        b'{"a":"' + b'\\"' * 500_000 + b'"}',
        b'{"a":"' + b"\\\\" * 250_000 + b'"}',
        b'{"a":[' + b"1," * (MAX_MEMBERS * 5) + b"1]}",
        b'{"a":' + b"9" * 1_000_000 + b"}",
        b'{"a":1e' + b"9" * 1_000_000 + b"}",
        b"{" + b",".join(b'"k%d":{}' % number for number in range(60_000)) + b"}",
        b" " * 1_000_000 + b"{}",
    ],
)
def test_a_megabyte_costs_little(body: bytes) -> None:
    began = time.process_time()
    with suppress(Malformed):
        loads(body)
    assert time.process_time() - began < 2
