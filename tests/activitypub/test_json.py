"""The JSON of other servers: what is read, and what is refused by name."""

import re
from pathlib import Path

import pytest

from fedcop.activitypub.json import MAX_DEPTH, MAX_MEMBERS, MAX_STRING, dumps, loads
from fedcop.errors import Malformed

REFUSED = {
    "byte order mark": [b"\xef\xbb\xbf{}"],
    "not valid JSON": [
        b"",
        b"{",
        b"{}x",
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":1e999}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\xff"}',
        b'{"a":"\x00"}',
        b'{"a":1,}',
        '{"a":1}'.encode("utf-16"),
        b"[" * 100_000,
    ],
    "object at its top": [b"[]", b"1", b'"a"', b"null"],
    "same key": [
        b'{"a":1,"a":1}',
        b'{"a":1,"\\u0061":2}',
        b'{"a" :1,"a":2,"b":":"}',
        b'{"b":[{"a":"x\\\\","a":"y\\":"}]}',
    ],
    "beyond 64 bits": [
        b'{"a":9223372036854775808}',
        b'{"a":-9223372036854775809}',
        b'{"a":[1e30]}',
        b'{"a":' + b"9" * 300 + b"}",
        b'{"a":1E+19}',
    ],
    "NUL": [b'{"a":"\\u0000"}', b'{"a":"\\\\\\u0000"}', b'{"\\u0000":1}'],
}


@pytest.mark.parametrize(
    ("words", "body"), [(words, body) for words, bodies in REFUSED.items() for body in bodies]
)
def test_refuses_and_names_the_trouble(words: str, body: bytes) -> None:
    with pytest.raises(Malformed, match=words):
        loads(body)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b' {"a" : 1 , "b" : ":" } ',
        b'{"a":9223372036854775807,"b":-9223372036854775808,"c":1.5e3}',
        b'{"a":"\\\\u0000 \\"a\\": \\\\","b":{"a":[{"a":"\\ud83d\\ude00"}]}}',
        '{"ä":"\u2028 \ufeff"}'.encode(),
    ],
)
def test_reads(body: bytes) -> None:
    assert loads(dumps(loads(body))) == loads(body)


def nested(levels: int) -> bytes:
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def test_depth_at_its_limit() -> None:
    assert loads(nested(MAX_DEPTH))
    with pytest.raises(Malformed, match="deeper than 64"):
        loads(nested(MAX_DEPTH + 1))


def test_members_at_their_limit() -> None:
    assert loads(b'{"a":[' + b",".join([b"1"] * (MAX_MEMBERS - 1)) + b"]}")
    with pytest.raises(Malformed, match="20,000 members"):
        loads(b'{"a":[' + b",".join([b"1"] * MAX_MEMBERS) + b"]}")


def test_string_at_its_limit() -> None:
    umlauts = "ä" * (MAX_STRING // 2)
    assert loads(dumps({"a": [umlauts]}))["a"] == [umlauts]
    with pytest.raises(Malformed, match="512 KiB"):
        loads(dumps({"a": [umlauts + "x"]}))
    with pytest.raises(Malformed, match="512 KiB"):
        loads(dumps({umlauts + "x": 1}))


def test_the_published_suite(shared: Path) -> None:
    """What the suite says is no JSON is refused; what is JSON is read, unless it is ambiguous."""
    suite = shared / "hostile-data" / "json" / "JSONTestSuite-parsing"
    files = sorted(suite.glob("*.json"))
    assert len(files) > 300
    for file in files:
        trouble = ""
        try:
            loads(file.read_bytes())
        except Malformed as error:
            trouble = str(error)
        ours = re.search("same key|object at its top|NUL|64 bits|64 levels", trouble)
        allowed = {"y": not trouble or bool(ours), "n": bool(trouble), "i": True}
        assert allowed[file.name[0]], (file.name, trouble)
