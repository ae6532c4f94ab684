"""Who hears what, and in which form: every case of author, community, place and software."""

from datetime import datetime

import orjson
import pytest
from sqlalchemy import select

from fedcop.activitypub.signatures.keys import PublicKey
from fedcop.activitypub.signatures.proofs import verify
from fedcop.domain.communities.models import Membership, Role
from fedcop.domain.network.models import Activity
from fedcop.domain.people.models import Actor, Key
from fedcop.domain.posts.compose import compose_reply, compose_starter
from fedcop.domain.posts.edit import edit
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.remove import delete, remove
from fedcop.outbox.models import Told

pytestmark = pytest.mark.anyio


HEARD = [
    # author, community, reply?, what forum, FedCoP, Mastodon, Ghost and the remote community hear
    ("ada", "home", False, ["Announce{Create:Article}"], ["Announce(id)"], []),
    ("ada", "home", True, ["Announce{Create:Note}"], [], []),
    ("masto", "home", False, ["Announce{Create:Note}"], ["Announce(id)"], []),
    ("masto", "home", True, ["Announce{Create:Note}"], [], []),
    ("lemmy", "home", False, ["Announce{Create:Note}"], ["Announce(id)"], []),
    ("lemmy", "home", True, ["Announce{Create:Note}"], [], []),
    ("ada", "away", False, [], [], ["Create{Article}"]),
    ("ada", "away", True, [], [], ["Create{Note}"]),
    ("masto", "away", False, [], [], []),
    ("masto", "away", True, [], [], []),
]


@pytest.mark.parametrize("case", HEARD, ids=lambda case: "-".join(map(str, case[:3])))
async def test_who_hears_a_post(here, case):
    author, place, is_reply, forum, microblog, remote = case
    people, home, away = await here.scene()
    community = home if place == "home" else away
    root = None
    if is_reply:
        root = await here.start(people["ben" if place == "home" else "ada"], community)
        await here.deliver()
    who = people[author]
    if author == "ada":
        await (here.reply(who, root) if is_reply else here.start(who, community))
    else:
        await here.arrive(who, community, root)
    net = await here.deliver()
    assert net.heard("lemmy.example") == forum
    assert net.heard("fed.example") == forum
    assert net.heard("masto.example") == microblog
    assert net.heard("ghost.example") == microblog
    assert net.heard("away.example") == remote


async def test_the_bytes_of_others_and_our_proofs(here):
    people, home, _ = await here.scene()
    post = await here.arrive(people["masto"], home)
    net = await here.deliver()
    announces = [a for a in await here.rows(Activity) if a.type == "Announce"]
    journal = {a.uri: a for a in await here.rows(Activity)}
    around = next(a for a in announces if a.object_uri.endswith("/create"))
    assert journal[around.object_uri].body in around.body
    boost = next(a for a in announces if a.for_microblogs)
    row = (await here.rows(Post, Post.id == post))[0]
    assert row.announce_uri == boost.uri
    assert boost.object_uri == row.uri
    assert orjson.loads(boost.body)["published"] >= row.published_at.isoformat()[:19]

    await here.start(people["ada"], home)
    net = await here.deliver()
    announced = next(d for h, d in net.brought if h == "lemmy.example")
    key = (await here.rows(Key, Key.uri == "https://cop.example/u/ada#ed25519-key"))[0]
    public = PublicKey.from_multibase(key.uri, "https://cop.example/u/ada", key.public)
    verify(announced["object"], public)
    create = next(a for a in await here.rows(Activity) if a.uri == announced["object"]["id"])
    assert orjson.loads(create.note_body)["object"]["type"] == "Note"
    assert "proof" not in orjson.loads(create.note_body)


async def test_people_on_micro_blogs_whom_it_concerns(here):
    people, home, away = await here.scene()
    await here.start(people["ada"], home, "What says @eve@masto.example, and @eve@lemmy.example?")
    net = await here.deliver()
    assert sorted(net.heard("masto.example")) == ["Announce(id)", "Create{Note}"]
    assert net.heard("lemmy.example") == ["Announce{Create:Article}"]
    start = await here.start(people["ada"], away, "And @eve@masto.example?")
    net = await here.deliver()
    assert net.heard("masto.example") == ["Create{Note}"]
    assert net.heard("away.example") == ["Create{Article}"]

    def change_it(uow):
        words = compose_starter(uow.session, uow.uris, "A question", "Another one.")
        edit(uow, uow.get(Post, start), uow.get(Actor, people["ada"]), words)

    await here.act(change_it)
    net = await here.deliver()
    assert net.heard("masto.example") == ["Update{Note}"]
    assert net.heard("away.example") == ["Update{Article}"]

    answer = await here.arrive(people["masto"], home, await here.start(people["ben"], home))
    await here.deliver()
    await here.reply(people["ada"], answer)
    net = await here.deliver()
    assert net.heard("masto.example") == ["Create{Note}"]


async def test_a_stranger_is_asked_before_anything_is_told(here):
    ada = await here.person("ada")
    home = await here.community("garden", ada)
    for name, software in (("m1", "mastodon"), ("l1", "lemmy"), ("x1", None)):
        here.net.software[f"{name}.example"] = software
        await here.member(home, await here.remote(f"{name}.example", "eve"))
    group = await here.remote("x2.example", "eve", None, "Group")
    await here.member(home, group)
    await here.start(ada, home)
    net = await here.deliver()
    assert net.heard("m1.example") == ["Announce(id)"]
    assert net.heard("l1.example") == ["Announce{Create:Article}"]
    assert net.heard("x1.example") == ["Announce(id)"]
    assert net.heard("x2.example") == ["Announce{Create:Article}"]
    assert (await here.host("x1.example")).view == "native"
    assert (await here.host("m1.example")).view == "note"


async def test_edits_and_deletions(here):
    people, home, _ = await here.scene()
    ada = people["ada"]
    start = await here.start(ada, home)
    comment = await here.reply(people["ben"], start)
    await here.arrive(people["masto"], home, comment)  # from now on that server knows the comment
    await here.deliver()

    def change_both(uow):
        words = compose_starter(uow.session, uow.uris, "A question", "Another one.")
        assert edit(uow, uow.get(Post, start), uow.get(Actor, ada), words)
        words = compose_reply(uow.session, uow.uris, "That.")
        assert edit(uow, uow.get(Post, comment), uow.get(Actor, people["ben"]), words)

    await here.act(change_both)
    net = await here.deliver()
    assert net.heard("lemmy.example") == ["Announce{Update:Article}", "Announce{Update:Note}"]
    assert net.heard("masto.example") == ["Update{Note}", "Update{Note}"]
    assert net.heard("ghost.example") == ["Update{Article}"]
    assert {d["actor"] for h, d in net.brought if h == "masto.example"} == {
        "https://cop.example/u/ada",
        "https://cop.example/u/ben",
    }

    await here.act(lambda uow: delete(uow, uow.get(Post, start), uow.get(Actor, ada)))
    await here.act(lambda uow: delete(uow, uow.get(Post, comment), uow.get(Actor, people["ben"])))
    net = await here.deliver()
    assert net.heard("lemmy.example") == ["Announce{Delete}"] * 2
    assert net.heard("masto.example") == ["Delete{Tombstone}"] * 2
    assert net.heard("ghost.example") == ["Delete(id)"]
    words = [a for a in await here.rows(Activity, Activity.local) if b"Another" in a.body]
    assert words == []


async def test_what_was_deleted_before_it_was_told_is_not_told(here):
    people, home, _ = await here.scene()
    start = await here.start(people["ada"], home, "A secret")
    await here.act(lambda uow: delete(uow, uow.get(Post, start), uow.get(Actor, people["ada"])))
    net = await here.deliver()
    assert net.heard("lemmy.example") == ["Announce{Delete}"]


async def test_edits_and_deletions_of_others(here):
    people, home, _ = await here.scene()
    post = await here.arrive(people["masto"], home)
    await here.deliver()
    author = people["masto"]

    def undone(uow, type):
        row = uow.get(Post, post)
        thing = {"id": row.uri, "type": "Tombstone"} if type == "Delete" else row.uri
        uow.cause = orjson.dumps({"id": f"{row.uri}/{type}", "type": type, "object": thing})
        return row

    def edited(uow):
        row = undone(uow, "Update")
        words = compose_starter(uow.session, uow.uris, "Title", "new")
        edit(uow, row, uow.get(Actor, author), words, at=uow.now)

    await here.act(edited)
    net = await here.deliver()
    assert net.heard("lemmy.example") == ["Announce{Update}"]
    assert net.heard("masto.example") == []
    await here.act(lambda uow: delete(uow, undone(uow, "Delete"), uow.get(Actor, author)))
    net = await here.deliver()
    assert net.heard("lemmy.example") == ["Announce{Delete:Tombstone}"]
    assert net.heard("masto.example") == ["Undo{Announce}"]
    assert net.heard("ghost.example") == ["Undo{Announce}"]


async def test_the_deletion_of_an_account_is_not_announced_for_each_post(here):
    people, home, _ = await here.scene()
    post = await here.arrive(people["masto"], home)
    await here.deliver()

    def gone(uow):
        actor = uow.get(Actor, people["masto"])
        uow.cause = orjson.dumps({"id": "x", "type": "Delete", "object": actor.uri})
        delete(uow, uow.get(Post, post), actor)

    await here.act(gone)
    assert (await here.deliver()).heard("lemmy.example") == []


def make_steward(uow, community_id, actor_id):
    uow.look_up(Membership, (community_id, actor_id)).role = Role.STEWARD


async def test_removal_by_stewards(here):
    people, home, away = await here.scene()
    ada = people["ada"]
    ours = await here.start(people["ben"], home)
    theirs = await here.arrive(people["masto"], home)
    elsewhere = await here.start(people["ada"], away)
    await here.deliver()
    for post in (ours, theirs):
        await here.act(lambda uow, post=post: remove(uow, uow.get(Post, post), uow.get(Actor, ada)))
    net = await here.deliver()
    assert net.heard("lemmy.example") == ["Announce{Delete}"] * 2
    assert net.heard("masto.example") == ["Undo{Announce}", "Update{Note}", "Undo{Announce}"]
    update = next(d for h, d in net.brought if d["type"] == "Update")
    assert "stewards" in update["object"]["content"]
    said = update["object"]
    assert datetime.fromisoformat(said["updated"]) >= datetime.fromisoformat(said["published"])
    assert not (await here.rows(Post, Post.announce_uri.is_not(None)))

    removed = (await here.rows(Post, Post.id == ours))[0]
    assert removed.removed_at is not None
    await here.act(lambda uow: make_steward(uow, away, ada))
    await here.act(lambda uow: remove(uow, uow.get(Post, elsewhere), uow.get(Actor, ada)))
    net = await here.deliver()
    assert net.heard("away.example") == ["Delete(id)"]
    assert net.heard("lemmy.example") == []


async def test_removal_by_a_steward_elsewhere_and_by_the_community(here):
    people, home, _ = await here.scene()
    first, second = await here.start(people["ben"], home), await here.start(people["ben"], home)
    await here.act(lambda uow: make_steward(uow, home, people["lemmy"]))
    await here.deliver()

    def from_afar(uow):
        post = uow.get(Post, first)
        uow.cause = orjson.dumps(
            {"id": "https://lemmy.example/d", "type": "Delete", "object": post.uri}
        )
        remove(uow, post, uow.get(Actor, people["lemmy"]))

    await here.act(from_afar)
    await here.act(lambda uow: remove(uow, uow.get(Post, second)))
    net = await here.deliver()
    assert net.heard("fed.example") == ["Announce{Delete}"] * 2
    by = [d["object"].get("actor") for h, d in net.brought if h == "fed.example"]
    assert by == [None, "https://cop.example/c/garden"]


async def test_a_post_that_came_without_an_activity(here):
    people, home, _ = await here.scene()
    await here.arrive(people["masto"], home, cause=False)
    net = await here.deliver()
    assert net.heard("lemmy.example") == ["Announce(id)"]


async def test_one_row_a_thing(here):
    people, home, _ = await here.scene()
    before = len(await here.rows(Told))
    root = await here.start(people["ada"], home)
    assert len(await here.rows(Told)) == before + 2
    await here.reply(people["ada"], root)
    assert len(await here.rows(Told)) == before + 3
    told = await here.read(lambda s: s.scalars(select(Told.spread)).all())
    assert told.count(False) == 3
