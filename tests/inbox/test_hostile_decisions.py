"""What hostile communities and servers try with the decisions of stewards, and do not get."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from fedcop.domain.communities.models import Ban, Membership
from fedcop.domain.moderation.models import Report
from fedcop.domain.moderation.report import MOST_OF_A_HOST
from fedcop.domain.network.models import Activity
from fedcop.domain.notifications.models import Notification
from fedcop.domain.people.models import Actor, Follow, FollowStanding
from fedcop.domain.people.suspend import suspend
from fedcop.domain.posts.models import Post
from fedcop.inbox.models import InboxMessage
from fedcop.uris import PUBLIC
from tests.inbox.world import Home, Them

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hive(home: Home, bees: Them) -> Home:
    await home.joins(bees.uri)
    return home


def relayed(bees: Them, inner: dict[str, Any]) -> dict[str, Any]:
    return bees.says("Announce", inner, to=[PUBLIC])


def in_hive(bees: Them, them: Them, **more: Any) -> dict[str, Any]:
    return them.note(audience=bees.uri, cc=[bees.uri], **more)


async def test_a_ban_makes_nobody_listen(home: Home, bees: Them, bob: Them) -> None:
    """A community where nobody of ours is cannot come in by banning one of ours."""
    words = "Buy at spam.test"
    ban = bees.says("Block", home.ada_uri, target=bees.uri, to=[PUBLIC], summary=words)
    note = in_hive(bees, bob, type="Page", name="Spam")
    await home.hears(bees, ban, relayed(bees, bob.creates(note)))
    assert await home.find_post(note["id"]) is None
    assert await home.count(Ban) == 0
    assert await home.count(Notification) == 0


async def test_a_community_where_nobody_of_ours_is_fills_nothing(
    home: Home, bees: Them, them: Callable[..., Them]
) -> None:
    """Nor do the people of its own host, who write to us directly, unless one follows them."""
    bill = them("https://hive.test/u/bill", key=3)
    await home.resolver.actor(bees.uri)
    note, later = (in_hive(bees, bill, type="Page", name=name) for name in ("Spam", "News"))
    await home.hears(bill, bill.creates(note))
    assert await home.find_post(note["id"]) is None
    bill_id = await home.resolver.actor(bill.uri)
    followed = Follow(
        follower_id=home.ada,
        target_id=bill_id,
        standing=FollowStanding.ACTIVE,
        followed_at=datetime.now(UTC),
    )
    await home.app.act(lambda uow: uow.add(followed))
    await home.hears(bill, bill.creates(later))
    assert await home.find_post(later["id"]) is not None


async def test_nobody_elses_words_are_kept_away(hive: Home, bees: Them, bob: Them) -> None:
    """What a community alone says takes no id: neither of a post to come, nor of a Delete."""
    note = bob.note(inReplyTo=hive.post_uri, cc=[hive.garden_uri])
    block = {"id": note["id"], "type": "Block", "actor": bob.uri, "object": hive.ada_uri}
    undo = bob.says("Undo", block | {"target": bees.uri}, target=bees.uri)
    await hive.hears(bees, relayed(bees, undo))
    await hive.hears(bob, bob.creates(note))
    assert await hive.find_post(note["id"]) is not None

    theirs = in_hive(bees, bob, type="Page", name="Swarming")
    await hive.hears(bees, relayed(bees, bob.creates(theirs)))
    delete = bob.says("Delete", note["id"], to=[PUBLIC], cc=[hive.garden_uri])
    lock = bob.says("Lock", theirs["id"]) | {"id": delete["id"]}
    await hive.hears(bees, relayed(bees, lock))
    locked = await hive.find_post(theirs["id"])
    assert locked is not None
    assert locked.locked_at is not None
    await hive.hears(bob, delete)
    gone = await hive.find_post(note["id"])
    assert gone is not None
    assert gone.deleted_at is not None
    await hive.hears(bees, relayed(bees, bob.says("Undo", lock["id"])))
    locked = await hive.find_post(theirs["id"])
    assert locked is not None
    assert locked.locked_at is None, "by its id alone the community takes back what it said"


async def test_an_account_is_gone_only_if_its_host_says_gone(
    hive: Home, bees: Them, bob: Them
) -> None:
    """404 is also what a server answers that refuses us, or is set up anew."""
    note = in_hive(bees, bob, type="Page", name="Swarming")
    await hive.hears(bees, relayed(bees, bob.creates(note)))
    for answer, stands in ((404, True), (410, False)):
        hive.web.documents[bob.uri] = answer
        await hive.hears(bees, relayed(bees, bob.says("Delete", bob.uri)))
        post = await hive.find_post(note["id"])
        assert post is not None
        assert (post.deleted_at is None) is stands, answer


async def test_a_placeholder_stands_in_one_community(
    hive: Home, bees: Them, bob: Them, eve: Them, them: Callable[..., Them]
) -> None:
    """Who was first to answer something unknown does not draw the others' answers to them."""
    wasps = them("https://nest.test/c/wasps", key=3, type="Group")
    await hive.joins(wasps.uri)
    missing = "https://gone.test/notes/1"
    evil = in_hive(wasps, eve, inReplyTo=missing)
    mine = in_hive(bees, bob, inReplyTo=missing)
    again = in_hive(bees, bob, inReplyTo=missing)
    await hive.hears(wasps, relayed(wasps, eve.creates(evil)))
    await hive.hears(bees, relayed(bees, bob.creates(mine)), relayed(bees, bob.creates(again)))
    first, other, third = [await hive.find_post(one["id"]) for one in (evil, mine, again)]
    assert first is not None
    assert other is not None
    assert third is not None
    bees_id = (await hive.row(Actor, Actor.uri == bees.uri)).id
    assert (other.community_id, third.community_id) == (bees_id, bees_id)
    assert other.root_id != first.root_id
    assert other.parent_id == third.parent_id

    gone = them("https://gone.test/u/kim")
    parent = in_hive(bees, gone, id=missing, type="Page", name="Where it began")
    await hive.hears(bees, relayed(bees, gone.creates(parent)))
    came = await hive.find_post(missing)
    other, first = await hive.find_post(mine["id"]), await hive.find_post(evil["id"])
    assert came is not None
    assert other is not None
    assert first is not None
    assert (other.parent_id, other.root_id) == (came.id, came.id)
    assert first.root_id != came.id


async def test_an_orphan_does_not_come_into_what_is_locked(
    home: Home, bob: Them, eve: Them
) -> None:
    """Its `context` names the discussion; what it answers is not to be had."""
    await home.app.db.write(
        lambda s: s.execute(
            update(Post).where(Post.id == home.post).values(locked_at=datetime.now(UTC))
        )
    )
    orphan = bob.note(
        inReplyTo="https://gone.test/notes/1",
        context=f"{home.post_uri}/context",
        cc=[home.garden_uri],
    )
    await home.hears(bob, bob.creates(orphan))
    assert await home.find_post(orphan["id"]) is None


async def test_a_long_report_asks_little(home: Home, bob: Them) -> None:
    """A thousand addresses cost no thousand queries, nor hide what stands before them."""
    statements: list[str] = []
    await home.resolver.actor(bob.uri)
    names = [f"https://one.test/notes/{number}" for number in range(990)]
    flag = bob.says("Flag", [home.ada_uri, home.post_uri, *names], content="Look at these.")
    engine = home.app.db.engine.sync_engine

    def note(*args: Any) -> None:
        statements.append(args[2])

    event.listen(engine, "before_cursor_execute", note)
    await home.hears(bob, flag)
    await home.hears(bob, flag | {"id": f"{flag['id']}/2", "object": names})
    event.remove(engine, "before_cursor_execute", note)
    assert await home.count(Report) == 1
    assert len(statements) < 150


async def test_reports_that_are_taken_back_count_for_a_day(
    home: Home, them: Callable[..., Them]
) -> None:
    """Else a server could ring the stewards without end."""
    mass = [them(f"https://mass.test/u/m{number}", key=1) for number in range(3)]
    for number in range(MOST_OF_A_HOST + 5):
        by = mass[number % 3]
        flag = by.says("Flag", home.post_uri, summary=f"Number {number}")
        await home.hears(by, flag, by.says("Undo", flag))
    assert await home.count(Report) == MOST_OF_A_HOST


async def test_an_end_that_cannot_be_read_is_no_ban_for_ever(
    hive: Home, bees: Them, bob: Them
) -> None:
    ban = bees.says("Block", hive.ada_uri, target=bees.uri, to=[PUBLIC])
    await hive.hears(bees, ban | {"endTime": "next spring"})
    assert await hive.count(Ban) == 0
    assert (await hive.last()).state == "dead"
    past = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    await hive.hears(bees, ban | {"id": f"{ban['id']}/2", "endTime": past})
    assert await hive.count(Ban) == 0
    end = datetime.now(UTC) + timedelta(days=3)
    await hive.hears(bees, ban | {"id": f"{ban['id']}/3", "expires": end.isoformat()})
    assert (await hive.row(Ban)).until == end


async def test_a_community_elsewhere_rings_once(hive: Home, bees: Them) -> None:
    """Who is banned, let in and banned again by it, without end, reads of it once."""
    for number in range(4):
        ban = bees.says("Block", hive.ada_uri, target=bees.uri, summary=f"Spam {number}")
        await hive.hears(bees, ban, bees.says("Undo", ban))
    assert await hive.count(Notification) <= 2


async def test_a_suspended_person_may_go(home: Home, bob: Them) -> None:
    """What they take back is taken: they do not belong here against their will."""
    follow = bob.says("Follow", home.garden_uri)
    person = bob.says("Follow", home.ada_uri)
    await home.hears(bob, follow, person)
    bob_id = await home.resolver.actor(bob.uri)
    await home.app.act(lambda uow: suspend(uow, uow.get(Actor, bob_id)))
    await home.hears(bob, bob.says("Undo", follow), bob.says("Undo", person))
    assert await home.count(Membership, Membership.actor_id == bob_id) == 0
    assert await home.count(Follow) == 0


async def test_an_account_that_moves_to_and_fro(
    home: Home, bob: Them, them: Callable[..., Them]
) -> None:
    """Each move would make us write to all servers: one a week counts. To a Group none does."""
    other = them("https://two.test/u/bob", key=3, more={"alsoKnownAs": [bob.uri]})
    group = them("https://two.test/c/bob", key=3, type="Group", more={"alsoKnownAs": [bob.uri]})
    bob.more = {"alsoKnownAs": [other.uri]}
    bob.live()
    bob_id = await home.resolver.actor(bob.uri)
    followed = Follow(
        follower_id=home.ada,
        target_id=bob_id,
        standing=FollowStanding.ACTIVE,
        followed_at=datetime.now(UTC),
    )
    await home.app.act(lambda uow: uow.add(followed))
    await home.hears(bob, bob.says("Move", bob.uri, target=group.uri))
    assert (await home.row(Follow)).target_id == bob_id
    for _ in range(3):
        await home.hears(bob, bob.says("Move", bob.uri, target=other.uri))
        await home.hears(other, other.says("Move", other.uri, target=bob.uri))
    assert await home.count(InboxMessage) == 7
    assert await home.count(Activity, Activity.type == "Follow", Activity.local) == 2
