"""Each peer follows our community and gets its own dialect, whole and in order."""

import json
from typing import Any

import pytest

from tests.peers.peer import Peer
from tests.peers.software import GoToSocialLike, LemmyLike, MastodonLike, PieFedLike

pytestmark = pytest.mark.anyio
HOST = "red.test"

FORUM_HEARS = [
    "Accept{Follow}",
    "Announce{Create{Article}}",
    "Announce{Create{Note}}",
    "Announce{Update{Article}}",
    "Announce{Delete(id)}",
    "Announce{Delete(id)}",
]
MICROBLOG_HEARS = ["Accept{Follow}", "Announce(id)", "Update{Note}"]


@pytest.mark.parametrize("software", [LemmyLike, PieFedLike])
async def test_a_forum_follows_and_hears_everything_in_order(town, software):
    peer: LemmyLike = software(town.world.wires, "forum.test")
    bo = peer.person("bo")
    follow, _ = await peer.follows(bo, "gardeners", HOST)
    await town.settle()
    frost = await town.ada.write(town.gardeners, "Frost in May?", "It *froze*.")
    await town.settle()
    fleece = await town.ben.reply(frost, "Fleece.")
    await town.settle()
    await town.ben.vote(frost)
    await town.settle()
    await town.ben.vote(frost, 0)
    await town.settle()
    await town.ada.edit(frost, "It froze, twice.")
    await town.settle()
    await town.ben.delete(fleece)
    await town.settle()
    await town.ada.delete(frost)
    await town.settle()

    forms = peer.forms()
    votes = [one for one in forms if "Like" in one]
    assert [one for one in forms if one not in votes] == FORUM_HEARS
    assert votes == ["Announce{Like}", "Announce{Undo{Like}}"]
    assert {got.path for got in peer.received} == {"/inbox"}
    undo = next(got.document["object"] for got in peer.received if "Undo" in got.form)
    like = next(got.document["object"] for got in peer.received if got.form == "Announce{Like}")
    assert undo["object"]["id"] == like["id"]
    assert json.loads(follow["body"]) == peer.received[0].document["object"]

    for got in peer.received:  # NodeBB reads activities again from their ids
        inner = got.document["object"]
        answer = await peer.get(inner["id"] if "Announce" in got.form else got.document["id"])
        if inner["type"] in ("Create", "Update"):
            assert answer.status_code == 410
        else:
            assert answer.status_code == 200
            assert answer.json()["id"] in (inner["id"], got.document["id"])
    for uri in (frost, fleece):
        answer = await peer.get(uri)
        assert (answer.status_code, answer.json()["type"]) == (410, "Tombstone")
        assert answer.json()["id"] == uri


@pytest.mark.parametrize("software", [MastodonLike, GoToSocialLike])
async def test_a_microblog_sees_boosts_of_discussions_and_nothing_else(town, software):
    peer: MastodonLike = software(town.world.wires, "blog.test")
    eve = peer.person("eve")
    await peer.follows(eve, "gardeners", HOST)
    await town.settle()
    assert peer.accepted == [town.gardeners.uri]
    frost = await town.ada.write(town.gardeners, "Frost in May?", "It *froze*.")
    await town.settle()
    fleece = await town.ben.reply(frost, "Fleece.")
    await town.ben.vote(frost)
    await town.settle()
    shown = peer.timeline.statuses[frost]
    assert shown["content"] == ("<p><strong>Frost in May?</strong></p><p>It <em>froze</em>.</p>\n")
    assert "updated" not in shown
    await town.ada.edit(frost, "It froze, twice.")
    await town.settle()
    assert "It froze, twice." in peer.timeline.text(frost)
    await town.ben.delete(fleece)
    await town.settle()

    assert peer.forms() == MICROBLOG_HEARS
    assert peer.timeline.boosted() == [frost]
    assert peer.timeline.wasted == []
    boost = next(got.document for got in peer.received if got.document["type"] == "Announce")
    assert boost["published"] >= shown["published"]
    again = await peer.read(boost["id"])
    assert (again["id"], again["object"]) == (boost["id"], frost)
    expected = {f"{eve.uri}/inbox"} if software is GoToSocialLike else {"https://blog.test/inbox"}
    assert {f"https://blog.test{got.path}" for got in peer.received} == expected

    await town.ada.delete(frost)
    await town.settle()
    assert peer.timeline.boosted() == []
    assert frost not in peer.timeline.statuses
    assert (await peer.get(frost)).status_code == 410


async def test_nothing_but_discussions_can_be_fetched_by_a_microblog(town):
    """Lemmy wraps our comments in Announce{Create}; Mastodon boosts each Create it can fetch."""
    lemmy = LemmyLike(town.world.wires, "forum.test")
    blog = MastodonLike(town.world.wires, "blog.test")
    await lemmy.follows(lemmy.person("bo"), "gardeners", HOST)
    await town.settle()
    frost = await town.ada.write(town.gardeners, "Frost in May?")
    await town.ben.reply(frost, "Fleece.")
    await town.ben.vote(frost)
    await town.settle()
    answers = {}
    for got in lemmy.received[1:]:
        inner = got.document["object"]
        answers[got.form] = (await blog.get(inner["id"])).status_code
        assert (await lemmy.get(inner["id"])).json()["id"] == inner["id"]
    assert answers == {
        "Announce{Create{Article}}": 200,
        "Announce{Create{Note}}": 404,
        "Announce{Like}": 404,
    }


async def test_each_asker_gets_its_view(town):
    wires = town.world.wires
    lemmy, blog = LemmyLike(wires, "forum.test"), MastodonLike(wires, "blog.test")
    for peer in (lemmy, blog):
        await peer.follows(peer.person("bo"), "gardeners", HOST)
    await town.settle()
    frost = await town.ada.write(town.gardeners, "Frost in May?")
    await town.settle()

    async def seen(peer: Peer, **how: Any) -> tuple[str, str]:
        answer = await peer.get(frost, **how)
        assert answer.json()["id"] == frost
        assert answer.headers["vary"] == "Accept, Signature, Signature-Input"
        return answer.json()["type"], answer.headers["cache-control"].partition(",")[0]

    assert await seen(lemmy) == ("Article", "private")
    assert await seen(blog) == ("Note", "private")
    assert await seen(blog, signed=False) == ("Note", "private")
    assert await seen(blog, agent="") == ("Note", "private")  # by the host of its key
    assert await seen(lemmy, agent="") == ("Article", "private")
    assert await seen(blog, agent="", signed=False) == ("Article", "public")
    assert await seen(blog, agent="Mozilla/5.0 (X11)", signed=False) == ("Article", "public")


async def test_what_only_some_may_see_is_not_cached_for_others(town):
    """404 and 410 depend on the asker, too: a shared cache would give them to forum software."""
    lemmy = LemmyLike(town.world.wires, "forum.test")
    blog = MastodonLike(town.world.wires, "blog.test")
    await lemmy.follows(lemmy.person("bo"), "gardeners", HOST)
    await town.settle()
    frost = await town.ada.write(town.gardeners, "Frost in May?")
    await town.ben.reply(frost, "Fleece.")
    await town.settle()
    inner = lemmy.received[-1].document["object"]
    answer = await blog.get(inner["id"])
    assert answer.status_code == 404
    assert answer.headers["cache-control"].startswith("private")
    await town.ada.delete(frost)
    await town.settle()
    answer = await blog.get(frost)
    assert answer.status_code == 410
    assert answer.headers["cache-control"].startswith("private")


async def test_a_repeated_follow_is_accepted_again_and_undo_ends_it(town):
    peers = [
        LemmyLike(town.world.wires, "forum.test"),
        GoToSocialLike(town.world.wires, "blog.test"),
    ]
    for peer in peers:
        bo = peer.person("bo")
        first, group = await peer.follows(bo, "gardeners", HOST)
        await town.settle()
        second, _ = await peer.follows(bo, "gardeners", HOST)
        await town.settle()
        answered = [got.document["object"]["id"] for got in peer.received]
        assert answered == [first["id"], second["id"]]
        assert len({got.document["id"] for got in peer.received}) == 2
        del second["body"], second["@context"]
        await peer.says(bo, group["inbox"], peer.act(bo, "Undo", second, to=[group["id"]]))
        await town.settle()
    await town.ada.write(town.gardeners, "Frost in May?")
    await town.settle()
    assert [peer.forms() for peer in peers] == [["Accept{Follow}"] * 2] * 2
    assert set(await town.red.members(town.gardeners.uri)) == {town.ada.uri, town.ben.uri}
