"""People of micro-blog servers follow our people, and read what these say where they say it."""

import pytest

from fedcop.domain.people.block import block
from fedcop.domain.people.follow import follow
from fedcop.domain.people.models import Actor, Follow
from fedcop.domain.people.profile import change_profile
from fedcop.domain.posts.departure import depart
from tests.peers.software import GoToSocialLike, MastodonLike

pytestmark = pytest.mark.anyio
HOST = "red.test"


async def test_a_follower_sees_everything_of_a_person_once(town):
    wires = town.world.wires
    blog, social = MastodonLike(wires, "blog.test"), GoToSocialLike(wires, "social.test")
    eve, fay, gus = blog.person("eve"), blog.person("fay"), social.person("gus")
    for peer, who in ((blog, eve), (blog, fay), (social, gus)):
        await peer.follows(who, "ben", HOST)
    await blog.follows(fay, "gardeners", HOST)  # so that the boost comes there, too
    await town.settle()
    assert blog.accepted.count(town.ben.uri) == 2
    assert social.accepted == [town.ben.uri]
    assert (await blog.read(f"{town.ben.uri}/followers"))["totalItems"] == 3

    frost = await town.ben.write(town.gardeners, "Frost in May?", "It was **minus two**.")
    await town.settle()
    assert sorted(blog.forms()[3:]) == ["Announce(id)", "Create{Note}"]
    assert social.forms()[1:] == ["Create{Note}"]
    assert "<strong>Frost in May?</strong>" in social.timeline.text(frost)
    answer = await town.ben.reply(frost, "Fleece helped.")
    await town.ada.reply(frost, "Straw.")  # nobody elsewhere follows her
    await town.settle()
    assert blog.timeline.statuses[answer]["inReplyTo"] == frost
    assert blog.forms()[5:] == ["Create{Note}"]
    assert blog.timeline.boosted() == [frost]

    await town.ben.edit(frost, "It was *minus three*.")
    await town.settle()
    for peer in (blog, social):
        assert "<em>minus three</em>" in peer.timeline.text(frost)
        assert peer.forms().count("Update{Note}") == 1
    await town.ben.delete(answer)
    await town.settle()
    for peer in (blog, social):
        assert list(peer.timeline.statuses) == [frost]

    await town.red.act(
        lambda uow: change_profile(
            uow, uow.get(Actor, town.ben.id), display_name="Ben", bio="Fleece."
        )
    )
    await town.settle()
    for peer in (blog, social):
        assert peer.received[-1].document["object"]["name"] == "Ben"
        assert peer.forms().count("Update{Person}") == 1

    before = {peer: len(peer.received) for peer in (blog, social)}
    await town.red.act(lambda uow: depart(uow, uow.get(Actor, town.ben.id)))
    await town.settle()
    for peer in (blog, social):
        assert peer.timeline.statuses == {}
        last = peer.received[-1].document
        assert (last["type"], last["actor"], last["object"]) == ("Delete", *[town.ben.uri] * 2)
        bodies = [got.body for got in peer.received[before[peer] :]]
        assert len(bodies) == len(set(bodies)), "each once"
    gone = await blog.get(town.ben.uri)
    assert (gone.status_code, gone.json()["type"]) == (410, "Tombstone")


async def test_our_people_follow_theirs_and_block_them(town):
    blog = MastodonLike(town.world.wires, "blog.test")
    eve = blog.person("eve")
    follow_of_eve, ada = await blog.follows(eve, "ada", HOST)
    row_id = await town.red.meet(eve.uri)

    def asks(uow):
        follow(uow, uow.get(Actor, town.ada.id), uow.get(Actor, row_id))

    await town.red.act(asks)
    await town.settle()
    asked = next(got.document for got in blog.received if got.form == "Follow")
    assert (asked["actor"], asked["object"], asked["to"]) == (ada["id"], eve.uri, [eve.uri])
    accept = blog.act(eve, "Accept", {k: asked[k] for k in ("id", "type", "actor", "object")})
    await blog.says(eve, ada["inbox"], accept)
    await town.settle()
    row = await town.red.read(lambda s: s.get(Follow, (town.ada.id, row_id)))
    assert row is not None
    assert row.standing == "active"

    await town.red.act(lambda uow: block(uow, uow.get(Actor, town.ada.id), uow.get(Actor, row_id)))
    await town.settle()
    assert sorted(blog.forms()[-2:]) == ["Reject{Follow}", "Undo{Follow}"]
    [rejected] = [got.document for got in blog.received if got.form == "Reject{Follow}"]
    assert rejected["object"]["id"] == follow_of_eve["id"]
    await blog.follows(eve, "ada", HOST)
    await town.settle()
    assert blog.forms()[-1] == "Reject{Follow}"
