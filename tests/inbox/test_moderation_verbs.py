"""Block and Flag as they come: by whom they count, and by whom they do not."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from fedcop.domain.communities.models import Ban, Membership, Role
from fedcop.domain.moderation.models import Deed, Report, ReportState
from fedcop.domain.moderation.report import MOST_OF_A_HOST
from fedcop.domain.network.models import Activity
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from fedcop.uris import PUBLIC
from tests.inbox.world import Home, Them

pytestmark = pytest.mark.anyio
SPAM = "https://one.test/u/bob"


def block(by: Them, home: Home, **more: Any) -> dict[str, Any]:
    where = {"target": home.garden_uri, "audience": home.garden_uri, "cc": [home.garden_uri]}
    return by.says("Block", SPAM, to=[PUBLIC], **where) | more


async def appoint(home: Home, them: Them) -> None:
    """They look after the garden from now on."""
    await home.hears(them, them.says("Follow", home.garden_uri))

    def act(uow: Any) -> None:
        row = uow.session.get(Membership, (home.garden, uow.find(Actor, them.uri).id))
        row.role = Role.STEWARD

    await home.app.act(act)


async def open_reports(home: Home) -> list[Report]:
    query = select(Report).where(Report.state == ReportState.OPEN).order_by(Report.id)
    return await home.read(lambda session: list(session.scalars(query)))


async def test_a_steward_elsewhere_bans_and_others_do_not(
    home: Home, bob: Them, eve: Them, bees: Them, them: Callable[..., Them]
) -> None:
    mod, other = them("https://two.test/u/mod", key=3), them("https://two.test/u/other", key=3)
    note = bob.note(inReplyTo=home.post_uri, cc=[home.garden_uri])
    await home.hears(bob, bob.says("Follow", home.garden_uri), bob.creates(note))
    await appoint(home, mod)
    bees_id, mod_id = await home.joins(bees.uri), await home.resolver.actor(mod.uri)
    await home.app.act(
        lambda uow: uow.add(
            Membership(
                community_id=bees_id,
                actor_id=mod_id,
                role=Role.STEWARD,
                joined_at=uow.now,
            )
        )
    )
    hive = {"target": bees.uri, "audience": bees.uri, "cc": [bees.uri]}
    await home.hears(eve, block(eve, home))  # a stranger
    await home.hears(other, block(other, home))  # a neighbour of the steward
    await home.hears(bob, block(bob, home, object=home.ada_uri))  # a member
    await home.hears(bees, bees.says("Announce", block(mod, home)))  # another community says so
    await home.hears(mod, block(mod, home) | hive)  # a steward there, past that community
    await home.hears(mod, block(mod, home, endTime="2020-01-01T00:00:00Z"))  # over already
    await home.hears(mod, block(mod, home, object="https://one.test/u/nobody"))
    assert await home.count(Ban) == 0

    said = block(mod, home, summary="<p>Spam &amp; more</p>", removeData=True)
    await home.hears(mod, said)
    ban = await home.row(Ban)
    assert (ban.reason, ban.uri, ban.community_id) == ("Spam & more", said["id"], home.garden)
    post = await home.row(Post, Post.uri == note["id"])
    assert (post.removed_at is None, post.removal_reason) == (False, "Spam & more")
    assert await home.count(Deed, Deed.deed == "banned") == 1
    passed_on = await home.row(
        Activity, Activity.type == "Announce", Activity.object_uri == said["id"]
    )
    assert b"Spam &amp; more" in passed_on.body

    await home.hears(bob, bob.creates(bob.note(inReplyTo=home.post_uri)))
    await home.hears(bob, bob.says("Like", home.post_uri))
    await home.hears(bob, bob.says("Follow", home.garden_uri))
    assert await home.count(Post) == 2
    assert await home.count(Activity, Activity.type == "Reject") == 2  # at the ban, and now

    # nobody else lifts it: not its victim, not a stranger who quotes it, not one with an own Block
    await home.hears(bob, bob.says("Undo", said | {"actor": bob.uri}))
    await home.hears(eve, eve.says("Undo", said), eve.says("Undo", said["id"]))
    await home.hears(eve, eve.says("Undo", block(eve, home)))
    assert (await home.row(Ban)).lifted_at is None
    await home.hears(mod, mod.says("Undo", said["id"]))
    assert (await home.row(Ban)).lifted_at is not None


async def test_an_undo_that_comes_first_and_a_ban_from_a_whole_server(
    home: Home, bob: Them, them: Callable[..., Them]
) -> None:
    mod, admin = them("https://two.test/u/mod", key=3), them("https://one.test/u/admin")
    await home.hears(bob, bob.says("Follow", home.garden_uri))
    await appoint(home, mod)
    said = block(mod, home)
    await home.hears(mod, mod.says("Undo", said), said)
    await home.hears(admin, admin.says("Block", SPAM, target="https://one.test/", removeData=True))
    await home.hears(mod, mod.says("Block", SPAM, target="https://one.test/"))
    assert await home.count(Ban) == 0
    blocks = await home.count(Activity, Activity.type == "Block")
    assert blocks == 1, "a server's own ban is written down, and does nothing"


async def test_a_community_elsewhere_says_whom_it_has_banned(
    home: Home, bees: Them, bob: Them
) -> None:
    await home.joins(bees.uri)
    where = {"target": bees.uri, "audience": bees.uri, "to": [PUBLIC], "cc": [bees.uri]}
    said = bob.says("Block", home.ada_uri, summary="Too many questions", **where)
    await home.hears(bees, bees.says("Announce", said))
    ban = await home.row(Ban)
    assert (ban.reason, ban.by_id, ban.actor_id) == ("Too many questions", None, home.ada)
    assert await home.count(Membership, Membership.community_id == ban.community_id) == 0
    # nobody here belongs to it any more, and it is heard about the ban all the same
    await home.hears(bees, bees.says("Announce", bob.says("Undo", said)))
    assert (await home.row(Ban)).lifted_at is not None


@pytest.mark.parametrize("form", ["mastodon", "lemmy"])
async def test_a_report_in_both_forms_and_taken_back(home: Home, bob: Them, form: str) -> None:
    site = bob
    more: dict[str, Any] = {"to": [home.garden_uri], "audience": home.garden_uri}
    thing: Any = home.post_uri
    if form == "mastodon":
        more, thing = {"content": "Off topic"}, [home.ada_uri, home.post_uri]
    said = site.says("Flag", thing, **({"summary": "Off topic"} | more))
    await home.hears(site, said, said)
    [row] = await open_reports(home)
    assert (row.words, row.community_id, row.target_id) == ("Off topic", home.garden, home.ada)
    assert row.snapshot == "Which soil?\n\nClay or sand?"
    await home.hears(site, site.says("Undo", said))
    assert await open_reports(home) == []
    late = site.says("Flag", thing, **more)
    await home.hears(site, site.says("Undo", late), late)
    assert await open_reports(home) == []


async def test_reports_of_people_of_nothing_and_of_too_much(
    home: Home, bob: Them, eve: Them, bees: Them
) -> None:
    await home.hears(eve, eve.says("Flag", ["https://nobody.test/u/x", "https://nobody.test/1"]))
    await home.hears(eve, eve.says("Flag", bob.uri), eve.says("Flag", eve.uri))
    await home.hears(eve, eve.says("Flag", "https://cop.test/"))
    assert await open_reports(home) == []
    assert await home.count(Activity, Activity.type == "Flag") == 0
    await home.hears(eve, eve.says("Flag", [home.ada_uri], content="Unfriendly"))
    [about] = await open_reports(home)
    assert (about.community_id, about.post_id, about.target_id) == (None, None, home.ada)
    # a stranger cannot take it back
    uri = (await home.row(Report)).uri
    await home.hears(
        bob, bob.says("Undo", {"id": uri, "type": "Flag", "actor": bob.uri, "object": home.ada_uri})
    )
    await home.hears(bob, bob.says("Undo", uri))
    assert len(await open_reports(home)) == 1
    # a community that says somebody reported: only for a steward of ours there
    await home.joins(bees.uri)
    await home.hears(bees, bees.says("Announce", bob.says("Flag", home.post_uri)))
    assert len(await open_reports(home)) == 1

    def many(uow: Any) -> None:
        reporter = uow.find(Actor, eve.uri)
        for _ in range(MOST_OF_A_HOST):
            uow.add(Report(reported_at=uow.now, target_id=reporter.id, reporter_id=reporter.id))

    await home.app.act(many)
    await home.hears(eve, eve.says("Flag", home.post_uri, summary="And this"))
    assert await home.count(Report) == MOST_OF_A_HOST + 1
    await home.hears(bob, bob.says("Flag", home.post_uri, summary="Another server is heard"))
    assert await home.count(Report) == MOST_OF_A_HOST + 2
