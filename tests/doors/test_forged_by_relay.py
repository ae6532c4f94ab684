"""What a stranger says in the name of a community, or a community in the name of people."""

from collections.abc import Callable

import pytest

from fedcop.uris import PUBLIC
from tests.doors.conftest import Door
from tests.doors.peers import Peer

pytestmark = pytest.mark.anyio
Make = Callable[..., Peer]


async def test_an_announce_of_a_community_that_a_stranger_signed(door: Door, peer: Make) -> None:
    """Forwarded is not said: nothing in it counts until the community's own host confirms it."""
    bees = peer("https://hive.test/c/bees", 1, type="Group")
    bob, eve = peer("https://one.test/u/bob", 2), peer("https://evil.test/u/eve", 3)
    await door.listens_to(bees)
    note = bob.note(to=[PUBLIC, bees.uri], audience=bees.uri)
    await door.hears(bees, bees.says("Announce", bob.creates(note)))
    assert await door.find(note["id"]) is not None
    before = await door.rows()
    for inner in (
        bob.says("Delete", note["id"]),
        bees.says("Delete", note["id"]),
        bob.says("Like", note["id"]),
        bob.says("Undo", bob.says("Like", note["id"])),
        bob.creates(bob.note(audience=bees.uri, served=False)),
        bob.says("Update", note | {"content": "FORGED", "updated": "2026-11-03T10:00:00Z"}),
    ):
        said = await door.hears(eve, bees.says("Announce", inner))
        assert said.status_code in {202, 401, 403}, inner
        await door.nothing_but(before, "hosts", "actors", "keys", "remote_inboxes")
