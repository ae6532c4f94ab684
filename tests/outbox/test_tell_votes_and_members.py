"""Who hears of votes, of members who come and go, and of changed profiles."""

import orjson
import pytest

from fedcop.domain.communities.charter import change
from fedcop.domain.communities.join import join, leave
from fedcop.domain.communities.models import Community
from fedcop.domain.people.facts import ProfileChanged
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import KnownAt, Post, Vote
from fedcop.domain.posts.vote import vote

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("place", ["home", "away"])
async def test_votes_of_ours(here, place):
    people, home, away = await here.scene()
    community = home if place == "home" else away
    post = await here.arrive(people["masto"], community)
    await here.deliver()
    heard = []
    for value in (1, -1, 0, 1, 0):
        await here.act(
            lambda uow, value=value: vote(
                uow, uow.get(Post, post), uow.get(Actor, people["ada"]), value
            )
        )
        net = await here.deliver()
        heard.append([net.heard(f"{h}.example") for h in ("lemmy", "masto", "away", "ghost")])
    kinds = ["Like(id)", "Dislike(id)", "Undo{Dislike}", "Like(id)", "Undo{Like}"]
    around = [
        "Announce{Like}",
        "Announce{Dislike}",
        "Announce{Undo:Dislike}",
        "Announce{Like}",
        "Announce{Undo:Like}",
    ]
    direct = [["Like(id)"], ["Undo{Like}"], [], ["Like(id)"], ["Undo{Like}"]]
    for index, (forum, author, remote, other) in enumerate(heard):
        assert forum == ([around[index]] if place == "home" else [])
        assert remote == ([kinds[index]] if place == "away" else [])
        assert author == direct[index]
        assert other == []
    assert await here.rows(Vote) == [] or (await here.rows(Vote))[0].value == 0


async def test_votes_of_others(here):
    people, home, away = await here.scene()
    post = await here.start(people["ada"], home)
    other = await here.arrive(people["fed"], away)
    await here.deliver()
    for about in (post, other):

        def like(uow, about=about):
            row = uow.get(Post, about)
            uow.cause = orjson.dumps(
                {"id": f"https://masto.example/like/{about}", "type": "Like", "object": row.uri}
            )
            vote(
                uow, row, uow.get(Actor, people["masto"]), 1, f"https://masto.example/like/{about}"
            )

        await here.act(like)
    net = await here.deliver()
    assert net.heard("lemmy.example") == ["Announce{Like}"]
    assert net.heard("masto.example") == net.heard("ghost.example") == []
    assert len(await here.rows(KnownAt, KnownAt.post_id == post)) == 1


async def test_members_come_and_go(here):
    people, home, away = await here.scene()
    zoe = await here.remote("zoe.example", "zoe", "mastodon")
    follow = {"id": "https://zoe.example/f/1", "type": "Follow", "extra": 1}
    for cause in (follow, follow, None, {"id": "https://zoe.example/f/2", "type": "Follow"}):

        def knock(uow, cause=cause):
            uow.cause = orjson.dumps(cause) if cause else None
            join(uow, uow.get(Community, home), uow.get(Actor, zoe), follow["id"])

        await here.act(knock)
    net = await here.deliver()
    assert net.heard("zoe.example") == ["Accept{Follow}"] * 4
    sent = [d["object"] for _, d in net.brought]
    assert sent[:2] == [follow, follow]
    assert sent[2] == sent[3]
    assert sent[2]["id"] == follow["id"]
    assert sent[2]["actor"] == "https://zoe.example/u/zoe"
    assert sent[2]["object"] == "https://cop.example/c/garden"

    ben = people["ben"]
    await here.act(lambda uow: join(uow, uow.get(Community, away), uow.get(Actor, ben)) and None)
    net = await here.deliver()
    assert net.heard("away.example") == ["Follow(id)"]
    asked = net.brought[0][1]
    await here.act(lambda uow: leave(uow, uow.get(Community, away), uow.get(Actor, ben)))
    net = await here.deliver()
    assert net.heard("away.example") == ["Undo{Follow}"]
    assert net.brought[0][1]["object"]["id"] == asked["id"]
    await here.act(lambda uow: leave(uow, uow.get(Community, home), uow.get(Actor, zoe)))
    assert (await here.deliver()).brought == []


async def test_changed_profiles(here):
    people, home, _ = await here.scene()

    def rewrite(uow):
        community, ada = uow.get(Community, home), uow.get(Actor, people["ada"])
        change(uow, community, ada, title="Gardeners", purpose="More.", charter="Less.")

    await here.act(rewrite)
    net = await here.deliver()
    for host in ("lemmy", "fed", "masto", "ghost"):
        assert net.heard(f"{host}.example") == ["Update{Group}"]
    await here.act(lambda uow: uow.emit(ProfileChanged(people["ben"])))
    net = await here.deliver()
    assert net.heard("lemmy.example") == net.heard("masto.example") == ["Update{Person}"]
    await here.act(lambda uow: uow.emit(ProfileChanged(people["masto"])))
    assert (await here.deliver()).brought == []
