"""Whatever comes first, twice or late: the same stands at the end; more in tests/convergence."""

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fedcop.domain.communities.models import Membership
from fedcop.domain.posts.models import Post
from tests.doors.conftest import Door
from tests.doors.peers import Peer

pytestmark = pytest.mark.anyio
FEW = settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_counter = iter(range(1_000_000))


def orders(size: int, more: int = 2) -> st.SearchStrategy[list[int]]:
    """Each of them at least once, in any order, and up to so many of them again."""
    again = st.lists(st.integers(0, size - 1), max_size=more)
    return again.flatmap(lambda few: st.permutations([*range(size), *few]))


async def arrive(door: Door, said: list[tuple[Peer, dict[str, Any]]], order: list[int]) -> None:
    for index in order:
        assert (await door.hears(*said[index])).status_code == 202
    for _ in range(2):
        await door.again()


def somebody(door: Door, name: str, number: int) -> Peer:
    """Met before, as most are: what is tested is the order of what they say."""
    return Peer(door.web, f"https://{name}.test/u/{name}", number).live()


@FEW
@given(order=orders(3, 2))
async def test_follow_undo_and_follow_again(open_door: Door, order: list[int]) -> None:
    """The second Follow is not the one that was undone, so it stands.

    The Follows come in their order: which of two is the later one nothing in them tells, and an
    Undo of one that was never seen takes back the one that stands, since Lemmy names it anew.
    """
    assume(order.index(0) < order.index(2))
    door = open_door
    eve = somebody(door, f"eve{next(_counter)}", 2)
    first, second = eve.says("Follow", door.garden.uri), eve.says("Follow", door.garden.uri)
    said = [(eve, first), (eve, eve.says("Undo", first)), (eve, second)]
    await arrive(door, said, order)
    assert (await door.server.members(door.garden.uri)).get(eve.uri) == "active"
    count = await door.server.read(
        lambda s: s.query(Membership).filter_by(community_id=door.garden.id).count()
    )
    assert count == len(await door.server.members(door.garden.uri))


@FEW
@given(order=orders(3, 2))
async def test_replies_before_what_they_answer(open_door: Door, order: list[int]) -> None:
    """Their parents are not served, so that only their arrival brings them."""
    door = open_door
    bob, eve = somebody(door, "bob", 1), somebody(door, "eve", 2)
    one = bob.note(inReplyTo=door.starter, served=False)
    two = eve.note(inReplyTo=one["id"], cc=[door.garden.uri], served=False)
    three = bob.note(inReplyTo=two["id"], cc=[door.garden.uri], served=False)

    async def later(_: Any) -> Any:
        raise httpx.ConnectError("not now")

    for note in (one, two, three):
        door.web.replies[note["id"]] = later
    said = [(bob, bob.creates(one)), (eve, eve.creates(two)), (bob, bob.creates(three))]
    await arrive(door, said, order)
    found = [await door.find(note["id"]) for note in (one, two, three)]
    assert all(found)
    line = [post.parent_id for post in found if post is not None]
    ids = [post.id for post in found if post is not None]
    assert line[1:] == ids[:2]
    assert await door.server.read(lambda s: s.query(Post).filter_by(uri=one["id"]).count()) == 1
