"""Bodies that are too large, cannot be read, or say what no activity says."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fedcop.inbox.models import InboxMessage
from tests.doors.conftest import Door
from tests.doors.peers import HOME, Peer

pytestmark = pytest.mark.anyio
LIMIT = 1 << 20
BOB, VICTOR = "https://one.test/u/bob", "https://one.test/u/victor"


@pytest.fixture
async def bob(open_door: Door) -> Peer:
    bob = Peer(open_door.web, BOB, 1).live()
    assert (await open_door.hears(bob, bob.says("Like", open_door.starter))).status_code == 202
    return bob


async def refused(door: Door, bob: Peer, body: bytes, status: int = 400) -> None:
    """The answer has this status and words, and nothing is written, not even to the inbox."""
    before = await door.rows()
    said = await door.hears(bob, body)
    assert said.status_code == status, (body[:80], said.text)
    assert len(said.json()["error"]) > 10
    assert await door.rows() == before, body[:80]


def _like(bob: Peer, door: Door, text: str) -> bytes:
    """A Like with this raw JSON as the value of one more member."""
    plain = json.dumps(bob.says("Like", door.starter))
    return f'{plain[:-1]}, "summary": {text}}}'.encode("utf-8", "surrogatepass")


async def test_the_limit_and_one_byte_more(open_door: Door, bob: Peer) -> None:
    door = open_door
    plain = json.dumps(bob.says("Like", door.starter)).encode()
    whole = plain + b" " * (LIMIT - len(plain))
    assert len(whole) == LIMIT
    assert (await door.hears(bob, whole)).status_code == 202
    await refused(door, bob, whole + b" ", 413)


async def test_without_a_length(open_door: Door, bob: Peer) -> None:
    """Counted as it arrives; the rest is not read."""
    door = open_door
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(4_000):
            taken += 65_536
            yield b" " * 65_536

    before = await door.rows()
    said = await door.post(bob.sign(b""), endless())
    assert said.status_code == 413
    assert await door.rows() == before
    body = json.dumps(bob.says("Like", door.starter)).encode()

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 7):
            yield body[at : at + 7]

    assert (await door.post(bob.sign(body), pieces())).status_code == 202


async def test_a_compressed_body(open_door: Door, bob: Peer) -> None:
    import gzip

    door = open_door
    body = gzip.compress(b"{}" + b" " * 1_000_000)
    before = await door.rows()
    said = await door.post([*bob.sign(body), ("content-encoding", "gzip")], body)
    assert said.status_code in {400, 415}
    assert await door.rows() == before


async def test_what_is_no_json_for_us(open_door: Door, bob: Peer) -> None:
    door = open_door
    plain = json.dumps(bob.says("Like", door.starter))
    deep = "[" * 200_000
    for body in (
        b"",
        b" ",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe{}",
        b"\xef\xbb\xbf" + plain.encode(),
        plain.encode("utf-16"),
        plain.encode("utf-32"),
        plain.encode()[:-1],
        plain.encode() + b"x",
        plain.replace("Like", "L\xefke").encode("latin-1"),
        _like(bob, door, "[" * 70 + "]" * 70),
        _like(bob, door, deep),
        _like(bob, door, '{"a":' * 100_000 + "1" + "}" * 100_000),
        _like(bob, door, '1, "type": "Delete"'),
        _like(bob, door, '{"a": 1, "a": 2}'),
        _like(bob, door, "NaN"),
        _like(bob, door, "-Infinity"),
        _like(bob, door, "1e400"),
        _like(bob, door, "9" * 5_000),
        _like(bob, door, str(1 << 64)),
        _like(bob, door, r'"\ud800"'),
        _like(bob, door, '"\ud800"'),
        _like(bob, door, r'"\u0000"'),
        _like(bob, door, '"\0"'),
        _like(bob, door, f'"{"x" * 600_000}"'),
        _like(bob, door, f"[{'1,' * 30_000}1]"),
    ):
        await refused(door, bob, body)


async def test_the_collected_bad_json(open_door: Door, bob: Peer, shared: Path) -> None:
    """Every file of the JSON test suite, as a body and inside one: never more than a refusal."""
    door = open_door
    files = sorted((shared / "hostile-data/json/JSONTestSuite-parsing").glob("*.json"))
    assert files
    before = await door.rows()
    for path in files:
        content = path.read_bytes()
        bodies = [content]
        if not path.name.startswith("y_"):
            plain = json.dumps(bob.says("Like", door.starter)).encode()
            bodies.append(plain[:-1] + b', "summary": ' + content + b"}")
        for body in bodies:
            said = await door.post(bob.sign(body), body)
            assert said.status_code in {202, 400}, (path.name, said.text)
            if path.name.startswith("n_"):
                assert said.status_code == 400, path.name
    await door.server.house.processor.settle()
    await door.nothing_but(before, "activities")


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "text/plain",
        "text/html",
        "application/ld+json",
        'application/ld+json; profile="https://example.org/other"',
        "application/activity+jsonx",
        "application/x-www-form-urlencoded",
        "",
    ],
)
async def test_other_content_types(open_door: Door, bob: Peer, kind: str) -> None:
    door = open_door
    body = json.dumps(bob.says("Like", door.starter)).encode()
    before = await door.rows()
    covered = ("(request-target)", "host", "date", "digest")
    said = await door.post(bob.sign(body, covered=covered, headers={"content-type": kind}), body)
    assert said.status_code == 400
    assert "application/activity+json" in said.text
    assert await door.rows() == before


async def test_ids_that_are_none(open_door: Door, bob: Peer) -> None:
    """Arrays, numbers and objects where one id stands; ids of other places and of no place.

    An embedded actor is read as its id, since Discourse sends it so: it must be the signer's, too.
    """
    door = open_door
    for name in ("id", "actor"):
        for value in (
            None, 7, True, [], [BOB], [BOB, BOB], {}, {"id": VICTOR, "type": "Person"}, "", "bob",
            "http://one.test/u/bob", "https://one.test:444/u/bob", "https://bob@one.test/u/bob",
            "https://ONE.test/u/bob", "https://one.test./u/bob", "https://one.test/../u/bob",
            "https://127.0.0.1/u/bob", "https://[::1]/x", "javascript:alert(1)", "file:///etc",
            "data:text/html,x", "//one.test/u/bob", "https:///u/bob", "https://one.test\\@evil/x",
            "https://one.test/" + "x" * 2_100, "https://evil.test/u/bob", f"https://{HOME}/u/ana",
            "https://one。test/u/bob", "https://one.test/\u202e", " https://one.test/u/bob",
            "https://one.test/a b", "https://one.test/\n", "https://one.test/%zz",
        ):  # fmt: skip
            body = json.dumps(bob.says("Like", door.starter) | {name: value}).encode()
            before = await door.rows()
            said = await door.hears(bob, body)
            assert 400 <= said.status_code < 404, (name, value, said.status_code)
            assert await door.rows() == before, (name, value)


async def test_objects_that_are_none(open_door: Door, bob: Peer) -> None:
    door = open_door
    before = await door.rows()
    for verb in ("Create", "Update", "Delete", "Like", "Follow", "Undo", "Accept", "Announce",
                 "Dislike", "EmojiReact", "Reject", "Add", "Remove", "Block", "Flag", "Move",
                 "Lock", "Invented", "Note", "Person", "OrderedCollection", ""):  # fmt: skip
        for thing in (
            None, 7, True, [], {}, "", "x", "javascript:alert(1)", "file:///etc/passwd",
            "https://127.0.0.1/x", "data:text/html,x", [{}], [[]], [7], {"type": []},
            {"id": 7, "type": "Note"}, {"id": [], "type": "Note"}, {"type": "Note"},
            {"id": BOB, "type": ["Note", 7]}, {"id": "https://one.test/n", "type": "Note",
            "attributedTo": 7, "content": {}, "to": 7, "cc": {}, "tag": "x", "attachment": 1},
            {"id": "https://one.test/n", "type": "Note", "attributedTo": [BOB, 7], "published": 7},
            {"id": "https://one.test/n", "type": "Note", "attributedTo": BOB, "inReplyTo": [7],
             "content": [], "contentMap": 7, "source": 7, "url": {"href": 7}, "updated": [],
             "audience": door.garden.uri, "to": [door.garden.uri]},
            {"@id": "https://one.test/n", "@type": "Note"},
            {"type": "Undo", "object": {"type": "Undo", "object": {"type": "Undo"}}},
        ):  # fmt: skip
            said = await door.hears(bob, bob.says(verb, thing))
            assert said.status_code in {202, 400}, (verb, thing, said.text)
    await door.nothing_but(before, "tombstones", "activities")


async def test_unknown_types_are_accepted_and_do_nothing(open_door: Door, bob: Peer) -> None:
    door = open_door
    before = await door.rows()
    for verb in ("Invented", "Arrive", "Listen", "View", "Travel", "https://example.org/ns#Verb"):
        said = await door.hears(bob, bob.says(verb, door.starter))
        assert said.status_code == 202, (verb, said.text)
    note = bob.note(type="Invented", cc=[door.garden.uri], audience=door.garden.uri)
    assert (await door.hears(bob, bob.creates(note))).status_code == 202
    assert (await door.hears(bob, bob.says("Update", note))).status_code == 202
    await door.nothing_but(before)


async def test_nothing_waits_for_ever(open_door: Door) -> None:
    """What was accepted above is settled; only what names an unknown post may wait for it."""
    waiting = await open_door.server.read(
        lambda s: s.query(InboxMessage).filter_by(state="waiting", waiting_for=None).count()
    )
    assert waiting == 0
