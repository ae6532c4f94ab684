"""The door: what is proved is kept, everything else is refused and leaves nothing."""

import asyncio
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from fedcop.activitypub.signatures.keys import PrivateKey
from fedcop.domain.network.models import Host
from fedcop.domain.people.models import Actor
from fedcop.errors import Busy, FedcopError, Malformed, TooLarge, TooMany, Unproved
from fedcop.inbox.models import InboxMessage
from fedcop.inbox.receive import LARGEST, Receiver
from tests.inbox.world import AS, Home, Them

pytestmark = pytest.mark.anyio
PROFILE = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


async def test_what_is_proved_is_kept_byte_for_byte(home: Home, bob: Them) -> None:
    body = json.dumps(bob.says("Like", home.post_uri), indent=3).encode()
    await home.receiver.receive(bob.request(body), PROFILE)
    message = await home.last()
    assert message.body == body
    assert (message.signer_uri, message.state) == (bob.uri, "waiting")
    assert message.key.startswith("one.test https://one.test/")
    assert await home.count(Actor, Actor.uri == bob.uri) == 1


async def test_other_media_types_are_refused(home: Home, bob: Them) -> None:
    for kind in (None, "", "application/json", "text/html", "application/ld+json"):
        with pytest.raises(Malformed):
            await home.receiver.receive(bob.request(bob.says("Like", home.post_uri)), kind)
    assert home.web.asked == []


HOSTILE: list[Callable[[dict[str, Any]], Any]] = [
    lambda a: b"",
    lambda a: b"[]",
    lambda a: b"{",
    lambda a: b'{"id": 1, "id": 2}',
    lambda a: {k: v for k, v in a.items() if k != "id"},
    lambda a: {k: v for k, v in a.items() if k != "actor"},
    lambda a: {k: v for k, v in a.items() if k != "object"},
    lambda a: {k: v for k, v in a.items() if k != "type"},
    lambda a: a | {"type": "Note"},
    lambda a: a | {"id": ["https://one.test/activities/1"]},
    lambda a: a | {"id": 7},
    lambda a: a | {"actor": [a["actor"]]},
    lambda a: a | {"actor": "javascript:alert(1)"},
    lambda a: a | {"actor": "http://one.test/u/bob"},
    lambda a: a | {"actor": "https://ONE.test/u/bob"},
    lambda a: a | {"actor": "https://one.test:8443/u/bob"},
    lambda a: a | {"actor": "https://one.test/../u/bob"},
    lambda a: a | {"actor": "https://127.0.0.1/u/bob"},
    lambda a: a | {"id": "https://victim.test/activities/1"},
    lambda a: a | {"id": "https://cop.test/activity/1"},
    lambda a: a | {"@graph": []},
    lambda a: a | {"object": [a["object"], a["object"]]},
]


async def test_hostile_bodies_are_refused_before_anything_is_asked(home: Home, bob: Them) -> None:
    for spoil in HOSTILE:
        body = spoil(bob.says("Like", home.post_uri))
        with pytest.raises(FedcopError) as refused:
            await home.receiver.receive(bob.request(body), AS)
        assert 400 <= refused.value.status < 500
    assert home.web.asked == []
    assert await home.count(InboxMessage) == 0


async def test_the_size_has_a_limit(home: Home, bob: Them) -> None:
    like = bob.says("Like", home.post_uri, summary=["x" * 100_000] * 10)
    body = json.dumps(like).encode()
    body += b" " * (LARGEST - len(body))
    await home.receiver.receive(bob.request(body), AS)
    with pytest.raises(TooLarge):
        await home.receiver.receive(bob.request(body + b" "), AS)


async def test_the_signature_has_to_be_the_actors(home: Home, bob: Them, eve: Them) -> None:
    like = bob.says("Like", home.post_uri)
    forged = PrivateKey.from_pem(bob.key.id, bob.uri, eve.rsa, trusted=True)
    other = Them(bob.web, "https://one.test/u/other", eve.rsa, eve.ed25519).live()
    follow = bob.says("Follow", home.garden_uri)
    for request in (
        bob.request(like, key=forged),  # another's key under bob's name
        other.request(like),  # somebody else on the same host
        eve.request(like),  # somebody else, and a vote is not forwarded
        eve.request(follow),
    ):
        with pytest.raises(Unproved):
            await home.receiver.receive(request, AS)
    assert await home.count(InboxMessage) == 0
    assert await home.count(Actor, Actor.uri == bob.uri) == 0


async def test_who_says_to_be_of_here_is_not(home: Home, eve: Them) -> None:
    like = eve.says("Like", home.post_uri) | {
        "actor": home.ada_uri,
        "id": "https://cop.test/activity/9",
    }
    with pytest.raises(Unproved):
        await home.receiver.receive(eve.request(like), AS)


async def test_the_deletion_of_a_stranger_asks_nobody(home: Home, bob: Them) -> None:
    await home.receiver.receive(bob.request(bob.says("Delete", bob.uri)), AS)
    assert home.web.asked == []
    assert await home.count(InboxMessage) == 0


async def test_one_host_may_not_send_without_end(home: Home, bob: Them) -> None:
    receiver = Receiver(home.app, home.keys, per_host=3)
    for _ in range(3):
        await receiver.receive(bob.request(bob.says("Like", home.post_uri)), AS)
    with pytest.raises(TooMany):
        await receiver.receive(bob.request(bob.says("Like", home.post_uri)), AS)


async def test_a_replay_is_answered_and_kept_once(home: Home, bob: Them) -> None:
    like = bob.says("Like", home.post_uri)
    fresh = Receiver(home.app, home.keys)
    await asyncio.gather(*(home.receiver.receive(bob.request(like), AS) for _ in range(20)))
    await fresh.receive(bob.request(like), AS)
    await fresh.receive(bob.request(like), AS)
    assert await home.count(InboxMessage) == 1


async def test_whoever_is_heard_of_is_no_longer_parked(home: Home, bob: Them) -> None:
    ahead = datetime.now(UTC) + timedelta(days=1)
    since = datetime.now(UTC) - timedelta(days=9)
    host = Host(name="one.test", parked=True, next_try_at=ahead, failing_since=since)
    await home.app.act(lambda uow: uow.add(host))
    await home.receiver.receive(bob.request(bob.says("Like", home.post_uri)), AS)
    found = await home.row(Host, Host.name == "one.test")
    assert not found.parked
    assert found.next_try_at < datetime.now(UTC)


async def test_nobody_is_left_waiting(home: Home) -> None:
    """Requests that arrive at every possible moment of a drain, its very last one included."""
    receiver = Receiver(home.app, home.keys, at_once=7)
    chance = random.Random(1)
    answered = 0

    async def one(number: int) -> None:
        nonlocal answered
        for _ in range(chance.randrange(6)):
            await asyncio.sleep(chance.choice([0, 0, 0.0005, 0.002]))
        await receiver.accept(f"k{number}", b"x", "https://one.test/u/bob")
        answered += 1
        await receiver.accept(f"again{number}", b"x", "https://one.test/u/bob")
        answered += 1

    await asyncio.wait_for(asyncio.gather(*(one(n) for n in range(200))), 30)
    assert answered == 400 == await home.count(InboxMessage)
    assert receiver._drain is None
    assert not receiver._waiting


@pytest.mark.parametrize("steps", range(8))
async def test_one_who_comes_while_the_drain_leaves(
    home: Home, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request alone, then another, `steps` turns of the loop after the first was stored."""
    receiver = home.receiver
    stored = asyncio.Event()
    write = home.app.db.write

    async def and_tell(work: Any) -> Any:
        result = await write(work)
        stored.set()
        return result

    monkeypatch.setattr(home.app.db, "write", and_tell)
    first = asyncio.create_task(receiver.accept("first", b"x", "https://one.test/u/bob"))
    await stored.wait()
    for _ in range(steps):
        await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await receiver.accept("second", b"x", "https://one.test/u/bob")
    await first
    assert await home.count(InboxMessage) == 2


async def test_what_cannot_be_stored_is_said(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = home.receiver
    troubles: list[Exception] = [Busy("later"), OperationalError("x", None, Exception("disk full"))]

    async def fails(work: Any) -> Any:
        raise troubles.pop()

    gone = asyncio.create_task(receiver.accept("gone", b"x", "https://one.test/u/bob"))
    await asyncio.sleep(0)
    gone.cancel()
    with monkeypatch.context() as broken:
        broken.setattr(home.app.db, "write", fails)
        for _ in range(2):
            with pytest.raises(Busy):
                await receiver.accept("a", b"x", "https://one.test/u/bob")
    await asyncio.wait_for(receiver.accept("a", b"x", "https://one.test/u/bob"), 5)
    assert await home.count(InboxMessage, InboxMessage.key == "a") == 1


async def test_more_than_can_be_written_soon_is_to_be_sent_again(home: Home) -> None:
    receiver = Receiver(home.app, home.keys, most_waiting=3)
    sent = (receiver.accept(f"k{n}", b"x", "https://one.test/u/bob") for n in range(5))
    answers = await asyncio.gather(*sent, return_exceptions=True)
    assert [type(answer) for answer in answers] == [type(None)] * 3 + [Busy] * 2
    assert await home.count(InboxMessage) == 3
