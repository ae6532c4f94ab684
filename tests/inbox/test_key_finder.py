"""Who signed: keys from memory, the database and their owner's host."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from fedcop.activitypub.signatures.keys import PrivateKey
from fedcop.domain.people.models import Actor, Key
from fedcop.errors import Gone, Unproved, Unreachable
from fedcop.inbox.keys import KeyFinder
from tests.inbox.world import AS, Home, Them

pytestmark = pytest.mark.anyio


def like(home: Home, them: Them, key: PrivateKey | None = None) -> Any:
    return them.request(them.says("Like", home.post_uri), key)


async def test_an_unknown_key_is_asked_for_once(home: Home, bob: Them) -> None:
    assert await home.keys.signer(like(home, bob)) == bob.uri
    assert await home.keys.signer(like(home, bob)) == bob.uri
    assert home.web.asked == [bob.uri]
    another = KeyFinder(home.app, home.resolver)  # after a restart: from the database
    assert await another.signer(like(home, bob)) == bob.uri
    assert home.web.asked == [bob.uri]


async def test_many_at_once_share_one_fetch(home: Home, bob: Them) -> None:
    found = await asyncio.gather(*(home.keys.signer(like(home, bob)) for _ in range(5)))
    assert set(found) == {bob.uri}
    assert home.web.asked == [bob.uri]


async def test_a_key_without_a_fragment_that_names_its_actor(home: Home, bob: Them) -> None:
    """GoToSocial: the key id serves a stub of the actor, under the actor's id."""
    key_id = f"{bob.uri}/main-key"
    document = bob.document()
    document["publicKey"]["id"] = key_id
    home.web.documents |= {bob.uri: document, key_id: document}
    key = PrivateKey.from_pem(key_id, bob.uri, bob.rsa, trusted=True)
    assert await home.keys.signer(like(home, bob, key)) == bob.uri


async def test_a_key_document_of_its_own(home: Home, bob: Them) -> None:
    key_id = "https://one.test/keys/1"
    document = bob.document()
    document["publicKey"]["id"] = key_id
    home.web.documents[bob.uri] = document
    home.web.documents[key_id] = document["publicKey"] | {"type": "Key"}
    key = PrivateKey.from_pem(key_id, bob.uri, bob.rsa, trusted=True)
    assert await home.keys.signer(like(home, bob, key)) == bob.uri


async def test_keys_that_are_not_their_owners(home: Home, bob: Them, eve: Them) -> None:
    """A11: wrong owner, wrong id, another host, no actor, and what was poisoned stays refused."""
    stolen = eve.document()
    stolen["publicKey"]["owner"] = bob.uri
    elsewhere = {"id": "https://evil.test/key", "type": "Key", "owner": bob.uri}
    elsewhere["publicKeyPem"] = eve.key.public.pem
    home.web.documents[eve.uri] = stolen
    home.web.documents["https://evil.test/key"] = elsewhere
    home.web.documents["https://evil.test/note"] = {"id": "https://evil.test/note", "type": "Note"}
    for key_id in (
        eve.key.id,
        "https://evil.test/key",
        "https://evil.test/note",
        "https://evil.test/none",
        f"{bob.uri}#another",
    ):
        key = PrivateKey.from_pem(key_id, bob.uri, eve.rsa, trusted=True)
        for _ in range(2):
            with pytest.raises(Unproved):
                await home.keys.signer(like(home, bob, key))
    assert home.web.asked.count(eve.uri) == 1
    assert await home.count(Actor, Actor.host_id.is_not(None)) == 0
    assert await home.keys.signer(like(home, bob)) == bob.uri


@pytest.mark.parametrize(
    "key_id", ["file:///etc/passwd", "https://127.0.0.1/k", "https://cop.test/u/ada#main-key"]
)
async def test_key_ids_that_nobody_is_asked_about(home: Home, eve: Them, key_id: str) -> None:
    key = PrivateKey.from_pem(key_id, eve.uri, eve.rsa, trusted=True)
    with pytest.raises(Unproved):
        await home.keys.signer(like(home, eve, key))
    assert home.web.asked == []


async def test_a_key_is_changed(home: Home, bob: Them, rsa_keys: list[str]) -> None:
    old = bob.key
    await home.keys.signer(like(home, bob))
    bob.rsa = rsa_keys[3]
    bob.live()
    assert await home.keys.signer(like(home, bob)) == bob.uri
    with pytest.raises(Unproved):
        await home.keys.signer(like(home, bob, old))
    stored = await home.row(Key, Key.uri == bob.key.id)
    assert stored.public.strip() == bob.key.public.pem.strip()
    assert home.web.asked.count(bob.uri) == 2


async def test_bad_signatures_make_us_ask_once_in_five_minutes(
    home: Home, bob: Them, eve: Them
) -> None:
    await home.keys.signer(like(home, bob))
    forged = PrivateKey.from_pem(bob.key.id, bob.uri, eve.rsa, trusted=True)
    for _ in range(20):
        with pytest.raises(Unproved):
            await home.keys.signer(like(home, bob, forged))
    assert home.web.asked.count(bob.uri) == 2
    assert await home.keys.signer(like(home, bob)) == bob.uri


async def test_strangers_of_one_host_are_asked_about_twenty_times_a_minute(
    home: Home, eve: Them
) -> None:
    refused = 0
    for number in range(30):
        key = PrivateKey.from_pem(f"https://evil.test/u/{number}#k", eve.uri, eve.rsa, trusted=True)
        try:
            await home.keys.signer(like(home, eve, key))
        except Unreachable:
            refused += 1
        except Unproved:
            pass
    assert refused == 10
    assert len(home.web.asked) == 20


async def test_silence_is_temporary(home: Home, bob: Them) -> None:
    home.web.silent.add("one.test")
    for _ in range(3):
        with pytest.raises(Unreachable) as trouble:
            await home.receiver.receive(like(home, bob), AS)
        assert trouble.value.status == 503
    assert len(home.web.asked) == 1
    home.web.silent.clear()
    home.keys._silent.clear()
    await home.receiver.receive(like(home, bob), AS)


async def test_who_is_gone(home: Home, bob: Them) -> None:
    await home.resolver.actor(bob.uri)
    await home.app.db.write(lambda s: s.execute(update(Key).values(uri=Key.uri + "x")))
    home.web.documents[bob.uri] = 410
    await home.receiver.receive(bob.request(bob.says("Delete", bob.uri)), AS)
    assert await home.states() == []
    with pytest.raises(Unproved):
        await home.receiver.receive(like(home, bob), AS)


async def test_a_deleted_actor_says_nothing_more(home: Home, bob: Them) -> None:
    await home.receiver.receive(like(home, bob), AS)
    await home.hears(bob, bob.says("Delete", bob.uri))
    with pytest.raises(Gone):
        await KeyFinder(home.app, home.resolver).signer(like(home, bob))


async def test_a_stored_key_that_is_none(home: Home, bob: Them) -> None:
    await home.resolver.actor(bob.uri)
    await home.app.db.write(lambda s: s.execute(update(Key).values(public="nonsense")))
    with pytest.raises(Unproved):
        await home.keys.signer(like(home, bob))


async def test_ed25519_signs_too(home: Home, them: Callable[..., Them]) -> None:
    bob = them("https://one.test/u/bob")
    assert await home.keys.signer(like(home, bob, bob.proof_key)) == bob.uri
