"""Where a signer's key comes from: documents that lie, hosts that do not answer, keys that change.

Each case has a host of its own, since what a host said is remembered for a while.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from fedcop.domain.people.models import Actor, Key
from tests.doors.conftest import Door
from tests.doors.peers import AS, Peer, always, pem_of, rsa_key

pytestmark = pytest.mark.anyio
VICTOR = "https://victor.test/u/victor"


@pytest.fixture
async def victor(open_door: Door) -> Peer:
    victor = Peer(open_door.web, VICTOR, 1).live()
    said = await open_door.hears(victor, victor.says("Like", open_door.starter))
    assert said.status_code == 202
    return victor


async def refused(door: Door, eve: Peer, document: Any, status: int = 401, **how: Any) -> None:
    """Refused twice with the same answer, and nothing of it is kept."""
    before = await door.rows()
    said = None
    for _ in range(2):
        said = await door.hears(eve, document, **how)
        assert said.status_code == status, said.text
        assert len(said.json()["error"]) > 10
        assert await door.rows() == before
    if said is not None and status == 503:
        assert int(said.headers["retry-after"]) > 0


async def test_documents_that_are_not_the_owners(open_door: Door, victor: Peer) -> None:
    door = open_door
    web = door.web
    mine = {"publicKeyPem": pem_of(rsa_key(2))}
    number = 0

    def eve(reply: Any = None, **more: Any) -> Peer:
        nonlocal number
        number += 1
        made = Peer(web, f"https://k{number}.test/u/eve", 2)
        web.replies[made.uri] = made.document() | more if reply is None else reply
        return made

    def key(them: Peer, **more: Any) -> dict[str, Any]:
        return {"id": them.key_id, "owner": them.uri, **mine, **more}

    documents: tuple[dict[str, Any], ...] = (
        {"publicKey": {"id": VICTOR + "#main-key", "owner": VICTOR, **mine}},
        {"publicKey": {"id": "https://x.test/k", "owner": "https://x.test/u/x", **mine}},
        {"publicKey": None},
        {"publicKey": []},
        {"publicKey": "https://victor.test/u/victor#main-key"},
        {"publicKey": 7},
        {"id": VICTOR},
        {"id": "https://other.test/u/eve"},
        {"id": 7},
        {"id": None},
        {"type": "Note"},
        {"type": "Tombstone"},
        {"type": []},
    )
    wrong = [eve(**more) for more in documents]
    one = eve()
    web.replies[one.uri] = one.document() | {"publicKey": key(one, owner=VICTOR)}
    two = eve()
    web.replies[two.uri] = two.document() | {"publicKey": key(two, publicKeyPem="-----BEGIN X")}
    for them in (*wrong, one, two):
        await refused(door, them, them.says("Like", door.starter))
    stored = await door.server.read(lambda s: s.query(Key).filter_by(uri=victor.key_id).one())
    assert stored.public.strip() == pem_of(victor.key).strip()


async def test_answers_that_are_no_document(open_door: Door) -> None:
    door, web = open_door, open_door.web

    def served(name: str, reply: Any) -> Peer:
        eve = Peer(web, f"https://{name}.test/u/eve", 2)
        web.replies[eve.uri] = reply(eve) if reply is not None else 404
        return eve

    async def endless(_: httpx.Request) -> httpx.Response:
        async def chunks() -> AsyncIterator[bytes]:
            while True:
                yield b" " * 65_536

        return httpx.Response(200, headers={"content-type": AS}, content=chunks())

    for name, status, reply in (
        ("html", 401, lambda e: always(e.document(), "text/html; charset=utf-8")),
        ("json", 401, lambda e: always(e.document(), "application/json")),
        ("image", 401, lambda e: always(e.document(), "image/png")),
        ("plainld", 401, lambda e: always(e.document(), "application/ld+json")),
        ("gzip", 401, lambda e: always(e.document(), content_encoding="gzip")),
        ("noise", 401, lambda _: always(b"{")),
        ("list", 401, lambda _: always(b"[]")),
        ("deep", 401, lambda _: always(b'{"a":' * 9_000)),
        ("none", 401, None),
        ("denied", 401, lambda _: 403),
        ("gone", 401, lambda _: 410),
        ("broken", 503, lambda _: 500),
        ("busy", 503, lambda _: 429),
        ("loop", 401, lambda e: always(b"", status=302, location=e.uri)),
        ("away", 401, lambda _: always(b"", status=302, location=VICTOR)),
        ("inside", 401, lambda _: always(b"", status=302, location="https://127.0.0.1/u/eve")),
        ("local", 401, lambda _: always(b"", status=302, location="http://localhost/u/eve")),
        ("scheme", 401, lambda _: always(b"", status=302, location="file:///etc/passwd")),
        ("ours", 401, lambda _: always(b"", status=302, location="https://cop.test/u/ana")),
        ("nowhere", 401, lambda _: always(b"", status=302)),
        ("endless", 401, lambda _: endless),
    ):
        eve = served(name, reply)
        await refused(door, eve, eve.says("Like", door.starter), status)
    assert not [url for url in web.asked if "127.0.0.1" in url or "localhost" in url]
    silent = served("silent", lambda e: e.document())
    web.silent.add(silent.host)
    await refused(door, silent, silent.says("Like", door.starter), 503)


async def test_a_key_host_that_hangs(open_door: Door, victor: Peer) -> None:
    """It is given up in time; meanwhile the others are let in at once."""
    door = open_door
    slow = Peer(door.web, "https://hangs.test/u/eve", 2)
    hold, begun = asyncio.Event(), asyncio.Event()

    async def hang(_: httpx.Request) -> httpx.Response:
        begun.set()
        await hold.wait()
        raise AssertionError("nobody waits that long")

    door.web.replies[slow.uri] = hang
    before = await door.rows()
    waiting = asyncio.create_task(door.hears(slow, slow.says("Like", door.starter)))
    await begun.wait()
    assert (await door.hears(victor, victor.says("View", door.starter))).status_code == 202
    said = await waiting
    assert said.status_code == 503
    assert int(said.headers["retry-after"]) > 0
    await door.nothing_but(before)


async def test_an_open_redirect_of_an_honest_host(open_door: Door, victor: Peer) -> None:
    """Not even with JSON-LD that renames what the id is."""
    door = open_door
    url = "https://victor.test/away"
    evil = Peer(door.web, "https://evil.test/u/eve", 3)
    context = [
        "https://www.w3.org/ns/activitystreams",
        "https://w3id.org/security/v1",
        {"who": "@id", "id": "https://example.org/other"},
    ]
    named = {"id": url, "owner": VICTOR, "publicKeyPem": pem_of(rsa_key(3))}
    honest = {"publicKey": named, "id": evil.uri}
    before = await door.rows()
    for number, document in enumerate(
        (
            evil.document() | honest,
            evil.document() | honest | {"@context": context, "who": VICTOR},
            evil.document() | honest | {"@id": VICTOR},
            evil.document() | {"publicKey": named, "id": VICTOR},
            {"@context": context, "id": evil.uri, "who": VICTOR, "type": "Person"}
            | {"inbox": VICTOR + "/inbox", "publicKey": {**named, "who": f"{url}6"}},
        )
    ):
        key_id = f"{url}{number}#k"
        door.web.replies[evil.uri] = document
        if isinstance(document["publicKey"], dict):
            document["publicKey"]["id"] = key_id
        door.web.replies[f"{url}{number}"] = always(b"", status=302, location=evil.uri)
        said = await door.hears(evil, victor.says("Like", door.starter), key_id=key_id)
        assert said.status_code == 401, (number, said.text)
        await door.nothing_but(before)


async def test_a_key_is_changed(open_door: Door) -> None:
    """The new one works as soon as it is served, and the old one no more."""
    door = open_door
    bob = Peer(door.web, "https://turns.test/u/bob", 4).live()
    assert (await door.hears(bob, bob.says("Like", door.starter))).status_code == 202
    old = Peer(door.web, bob.uri, 4)
    bob.number = 5
    bob.live()
    assert (await door.hears(bob, bob.says("View", door.starter))).status_code == 202
    before = await door.rows()
    said = await door.hears(old, old.says("Undo", old.says("Like", door.starter)))
    assert said.status_code == 401
    assert await door.rows() == before
    assert len(door.web.asked_of("turns.test")) == 2


async def test_who_lists_the_keys_of_others(open_door: Door) -> None:
    """On one host, too: nobody is shut out or spoken for by what another's document lists."""
    door = open_door
    bob = Peer(door.web, "https://crowd.test/u/bob", 4).live()
    mallory = Peer(door.web, "https://crowd.test/u/mallory", 5)
    mine = mallory.document()["publicKey"]
    multikey = {"id": bob.uri + "#ed", "type": "Multikey", "controller": bob.uri}
    multikey["publicKeyMultibase"] = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    for owner in (bob.uri, mallory.uri):
        stolen = {"id": bob.key_id, "owner": owner, "publicKeyPem": pem_of(mallory.key)}
        method = multikey | {"controller": owner}
        mallory.more = {"publicKey": [mine, stolen], "assertionMethod": [method]}
        mallory.live()
        said = await door.hears(mallory, mallory.says("Like", door.starter))
        assert said.status_code == 202, said.text
        before = await door.rows()
        said = await door.hears(mallory, bob.says("Like", door.starter), key_id=bob.key_id)
        assert said.status_code == 401
        await door.nothing_but(before)
        await door.server.house.resolver.actor(mallory.uri, refresh=True)
    bob.more = {"assertionMethod": [multikey]}
    bob.live()
    said = await door.hears(bob, bob.says("View", door.starter))
    assert said.status_code == 202, said.text
    await door.server.house.resolver.actor(bob.uri, refresh=True)
    said = await door.hears(bob, bob.says("Like", door.starter))
    assert said.status_code == 202, said.text
    await door.server.house.resolver.actor(mallory.uri, refresh=True)
    said = await door.hears(bob, bob.says("View", door.starter))
    assert said.status_code == 202, said.text


async def test_a_key_id_without_fragment_and_one_apart(open_door: Door) -> None:
    """Controls: Lemmy's and GoToSocial's ways of naming a key are let in."""
    door = open_door
    apart = Peer(
        door.web, "https://apart.test/u/bob", 6, key_id="https://apart.test/u/bob/main-key"
    )
    apart.live()
    document = {"id": apart.key_id, "type": "Key", "owner": apart.uri}
    door.web.replies[apart.key_id] = document | {"publicKeyPem": pem_of(apart.key)}
    assert (await door.hears(apart, apart.says("Like", door.starter))).status_code == 202
    several = Peer(door.web, "https://several.test/u/bob", 6)
    first = {"id": several.uri + "#old", "owner": several.uri, "publicKeyPem": pem_of(rsa_key(7))}
    second = {"id": several.key_id, "owner": several.uri, "publicKeyPem": pem_of(several.key)}
    several.more = {"publicKey": [first, second]}
    several.live()
    assert (await door.hears(several, several.says("Like", door.starter))).status_code == 202


async def test_strangers_do_not_make_us_flood_a_host(open_door: Door, victor: Peer) -> None:
    """200 requests with keys of one host that nobody knows: at most 20 fetches in a minute."""
    door = open_door
    eve = Peer(door.web, "https://evil2.test/u/eve", 2)
    before = await door.rows()
    statuses: set[int] = set()
    for number in range(200):
        key_id = f"https://target.test/u/{number}#main-key"
        like = Peer(door.web, f"https://target.test/u/{number}").says("Like", door.starter)
        body = json.dumps(like).encode()
        said = await door.post(eve.sign(body, key_id=key_id), body)
        statuses.add(said.status_code)
    assert statuses <= {401, 429, 503}
    assert 1 <= len(door.web.asked_of("target.test")) <= 20
    forged = Peer(door.web, VICTOR, 2)
    asked = len(door.web.asked_of("victor.test"))
    for _ in range(50):
        assert (await door.hears(forged, victor.says("Like", door.starter))).status_code == 401
    assert len(door.web.asked_of("victor.test")) - asked <= 1
    assert await door.rows() == before
    assert (await door.hears(victor, victor.says("View", door.starter))).status_code == 202


async def test_who_is_gone_says_nothing_more(open_door: Door) -> None:
    door = open_door
    bob = Peer(door.web, "https://leaving.test/u/bob", 8).live()
    assert (await door.hears(bob, bob.says("Like", door.starter))).status_code == 202
    assert (await door.hears(bob, bob.says("Delete", bob.uri))).status_code == 202
    gone = await door.server.read(lambda s: s.query(Actor).filter_by(uri=bob.uri).one().deleted_at)
    assert gone is not None
    before = await door.rows()
    note = bob.note(inReplyTo=door.starter)
    for said in (
        bob.says("Dislike", door.starter),
        bob.says("Follow", door.garden.uri),
        bob.creates(note),
    ):
        assert (await door.hears(bob, said)).status_code in {202, 401}
        await door.nothing_but(before)
    assert await door.find(note["id"]) is None
    # servers tell everybody of each account that goes: nobody is asked about it
    other = Peer(door.web, "https://unknown.test/u/x", 8)
    asked = len(door.web.asked)
    before = await door.rows()
    assert (await door.hears(other, other.says("Delete", other.uri))).status_code == 202
    assert await door.rows() == before
    assert len(door.web.asked) == asked
