"""Bans and reports, as Lemmy takes and sends them, and as Mastodon must never see them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from fedcop.domain.communities.ban import ban, lift
from fedcop.domain.communities.models import Ban, Community, Membership, Role
from fedcop.domain.moderation.models import Report
from fedcop.domain.moderation.report import report
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from tests.fediverse import Place
from tests.peers.software import LemmyLike, MastodonLike

pytestmark = pytest.mark.anyio
HOST = "red.test"
INBOX = f"https://{HOST}/inbox"


async def all_of(town, table):
    return await town.red.read(lambda s: list(s.scalars(select(table).order_by(table.id))))


async def banned(town, uri, **more):
    def act(uow):
        place, by = uow.get(Community, town.gardeners.id), uow.get(Actor, town.ada.id)
        ban(uow, place, uow.find(Actor, uri), by, **more)

    await town.red.act(act)


async def lifted(town, uri):
    def act(uow):
        place, by = uow.get(Community, town.gardeners.id), uow.get(Actor, town.ada.id)
        lift(uow, place, uow.find(Actor, uri), by)

    await town.red.act(act)


async def test_lemmy_hears_of_bans_and_mastodon_only_that_a_follow_is_over(town):
    lemmy, blog = (
        LemmyLike(town.world.wires, "lemmy.test"),
        MastodonLike(town.world.wires, "m.test"),
    )
    bo, eve = lemmy.person("bo"), blog.person("eve")
    await lemmy.follows(bo, "gardeners", HOST)
    await blog.follows(eve, "gardeners", HOST)
    await town.settle()

    until = datetime.now(UTC) + timedelta(days=3)
    await banned(town, eve.uri, reason="Spam", until=until, with_posts=True)
    await town.settle()
    said = lemmy.received[-1].document["object"]
    assert lemmy.received[-1].form == "Announce{Block(id)}"
    assert (said["object"], said["summary"], said["removeData"]) == (eve.uri, "Spam", True)
    assert blog.forms()[-1] == "Reject{Follow}"

    # whose only member there is banned hears it all the same, and of the end of it
    await banned(town, bo.uri)
    await town.settle()
    assert lemmy.received[-2].form == "Announce{Block(id)}"
    assert lemmy.received[-1].form == "Reject{Follow}"
    await lemmy.follows(bo, "gardeners", HOST)
    await town.settle()
    assert lemmy.received[-1].form == "Reject{Follow}"
    await lifted(town, bo.uri)
    await lifted(town, eve.uri)
    await town.settle()
    assert lemmy.received[-1].form == "Announce{Undo{Block(id)}}"
    assert not [form for form in blog.forms() if "Block" in form]


async def test_our_steward_there_and_their_steward_about_us(town):
    lemmy = LemmyLike(town.world.wires, "lemmy.test")
    group, carol, dave = lemmy.group("compost"), lemmy.person("carol"), lemmy.person("dave")
    for name in ("outbox", "featured", "moderators"):
        uri = f"{group.uri}/{name}"
        lemmy.documents[uri] = {"id": uri, "type": "OrderedCollection", "orderedItems": []}
    await town.ada.join(Place(group.uri, 0, town.red))
    await town.settle()
    follow = lemmy.received[-1].document
    follow.pop("@context")
    await lemmy.says(group, INBOX, lemmy.act(group, "Accept", follow))
    old = lemmy.page(carol, group, "Worms or heat?", "Both.")
    await lemmy.says(group, INBOX, lemmy.announce(group, lemmy.create(carol, old)))
    await town.settle()

    def reports(uow):
        post = uow.find(Post, old["id"])
        community = uow.get(Community, post.community_id)
        author, ada = uow.get(Actor, post.author_id), uow.get(Actor, town.ada.id)
        report(uow, ada, target=author, post=post, community=community, words="Not true")

    await town.red.act(reports)
    await town.settle()
    assert lemmy.received[-1].form == "Flag(id)"
    flag = lemmy.received[-1].document
    assert (flag["object"], flag["to"], flag["summary"]) == (old["id"], [group.uri], "Not true")
    assert (await lemmy.get(flag["id"])).status_code == 404

    # ada looks after it, too: what is reported there, Lemmy announces to her server
    def appoint(uow):
        place = uow.find(Actor, group.uri)
        uow.session.get(Membership, (place.id, town.ada.id)).role = Role.STEWARD

    await town.red.act(appoint)
    theirs = lemmy.act(dave, "Flag", old["id"], to=[group.uri], summary="Off topic")
    await lemmy.says(group, INBOX, lemmy.announce(group, theirs))
    await town.settle()
    assert [row.words for row in await all_of(town, Report)] == ["Not true", "Off topic"]

    def bans(uow):
        place = uow.find(Actor, group.uri)
        by, who = uow.get(Actor, town.ada.id), uow.find(Actor, carol.uri)
        ban(uow, uow.get(Community, place.id), who, by, reason="Untrue")

    await town.red.act(bans)
    await town.settle()
    assert lemmy.received[-1].form == "Block(id)"
    assert lemmy.received[-1].document["target"] == group.uri

    where = {"target": group.uri, "audience": group.uri, "cc": [group.uri]}
    block = lemmy.act(carol, "Block", town.ada.uri, summary="Enough", removeData=False, **where)
    await lemmy.says(group, INBOX, lemmy.announce(group, block))
    await town.settle()
    *_, mine = await all_of(town, Ban)
    assert (mine.actor_id, mine.reason) == (town.ada.id, "Enough")


async def test_mastodon_reports_in_the_name_of_its_server(town):
    blog, lemmy = MastodonLike(town.world.wires, "m.test"), LemmyLike(town.world.wires, "l.test")
    bo = lemmy.person("bo")
    await lemmy.follows(bo, "gardeners", HOST)
    frost = await town.ada.write(town.gardeners, "Frost in May?")
    await town.settle()
    site = blog.person("instance")
    said = blog.act(site, "Flag", [town.ada.uri, frost], content="Not a garden")
    await blog.says(site, INBOX, said)
    await lemmy.says(bo, INBOX, lemmy.act(bo, "Flag", frost, to=[town.gardeners.uri], summary="No"))
    await town.settle()
    assert [row.words for row in await all_of(town, Report)] == ["Not a garden", "No"]
    assert not [form for form in lemmy.forms() if "Flag" in form], "no member hears of a report"
