"""Every verb that an actor elsewhere may say about its own things, and who may not."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from fedcop.domain.communities.models import Membership, Role, Standing
from fedcop.domain.network.models import Activity, Tombstone
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Mention, Post, Vote
from fedcop.uris import PUBLIC
from tests.inbox.world import Home, Them

pytestmark = pytest.mark.anyio


async def member(home: Home, them: Them) -> Membership | None:
    def query(session: Any) -> Membership | None:
        joined = select(Membership).join(Actor, Actor.id == Membership.actor_id)
        return session.scalar(joined.where(Actor.uri == them.uri))

    return await home.read(query)


async def test_follow_and_its_undo(home: Home, bob: Them) -> None:
    follow = bob.says("Follow", home.garden_uri)
    await home.hears(bob, follow, bob.says("Follow", home.garden_uri))
    found = await member(home, bob)
    assert found is not None
    assert (found.standing, found.role) == ("active", "member")
    accepts = await home.count(Activity, Activity.type == "Accept", Activity.local)
    assert accepts == 2
    # an older Follow, since replaced
    await home.hears(bob, bob.says("Undo", follow))
    assert await member(home, bob) is not None
    # under an id that nobody has seen: Lemmy writes it anew
    await home.hears(bob, bob.says("Undo", bob.says("Follow", home.garden_uri)))
    assert await member(home, bob) is None
    await home.hears(bob, bob.says("Undo", bob.says("Follow", home.garden_uri)))
    assert await home.states() == ["done"] * 5


async def test_a_follow_that_comes_after_its_undo(home: Home, bob: Them) -> None:
    follow = bob.says("Follow", home.garden_uri)
    await home.hears(bob, bob.says("Undo", follow), follow)
    assert await member(home, bob) is None


async def test_follows_of_what_is_no_community_here(home: Home, bob: Them) -> None:
    for uri in ("https://cop.test/c/none", bob.uri, home.post_uri):
        follow = bob.says("Follow", uri)
        await home.hears(bob, follow, bob.says("Undo", follow))
    assert await home.count(Membership) == 1
    assert await home.count(Activity, Activity.type == "Accept") == 0


async def asked(home: Home, bees: Them) -> tuple[str, str]:
    from fedcop.domain.communities.join import join
    from fedcop.domain.communities.models import Community

    row_id = await home.resolver.actor(bees.uri)
    uri = await home.app.act(
        lambda uow: join(uow, uow.get(Community, row_id), uow.get(Actor, home.ada)).follow_uri
    )
    assert uri is not None
    return uri, home.ada_uri


async def standing(home: Home, bees: Them) -> str:
    place = await home.resolver.actor(bees.uri)
    row = await home.row(Membership, Membership.community_id == place)
    return row.standing


@pytest.mark.parametrize("embedded", [True, False])
async def test_accept_and_reject(home: Home, bees: Them, *, embedded: bool) -> None:
    uri, who = await asked(home, bees)
    follow = {"id": uri, "type": "Follow", "actor": who, "object": bees.uri}
    await home.hears(bees, bees.says("Accept", follow if embedded else uri))
    assert await standing(home, bees) == Standing.ACTIVE
    await home.hears(bees, bees.says("Reject", follow if embedded else uri))
    assert await standing(home, bees) == Standing.REFUSED


async def test_answers_that_are_not_theirs_to_give(
    home: Home, bees: Them, eve: Them, them: Callable[..., Them]
) -> None:
    wasps = them("https://hive.test/c/wasps", type="Group")
    uri, who = await asked(home, bees)
    follow = {"id": uri, "type": "Follow", "actor": who, "object": bees.uri}
    await home.hears(eve, eve.says("Accept", follow), eve.says("Accept", uri))
    await home.hears(wasps, wasps.says("Accept", follow), wasps.says("Accept", uri))
    await home.hears(bees, bees.says("Accept", follow | {"actor": eve.uri}))
    await home.hears(bees, bees.says("Accept", "https://cop.test/activity/1"))
    await home.hears(bees, bees.says("Reject", follow | {"object": wasps.uri}))
    await home.hears(bees, bees.says("Reject", bees.note(to=[PUBLIC])))
    assert await standing(home, bees) == Standing.ASKED


async def test_a_discussion_from_a_micro_blog(home: Home, bob: Them) -> None:
    note = bob.note(
        content="<p><a class='mention' href='x'>@garden</a> Who has a plough? I need one.</p>",
        tag=[
            {"type": "Mention", "href": home.garden_uri, "name": "@garden@cop.test"},
            {"type": "Mention", "href": home.ada_uri, "name": "@ada@cop.test"},
            {"type": "Mention", "href": "https://nobody.test/u/x", "name": "@x@nobody.test"},
        ],
        cc=[home.garden_uri],
    )
    await home.hears(bob, bob.creates(note))
    post = await home.find_post(note["id"])
    assert post is not None
    assert post.title == "Who has a plough?"
    assert post.community_id == home.garden
    assert await home.count(Mention, Mention.post_id == post.id) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"to": ["https://one.test/u/bob/followers"]},  # not public
        {"type": "ChatMessage"},
        {"cc": []},  # names no community
        {"attributedTo": "https://evil.test/u/eve"},
        {"attributedTo": ["https://evil.test/u/eve", "https://one.test/u/bob"]},
        {"attributedTo": None},
        {"id": "https://evil.test/notes/9"},
        {"id": None},
        {"content": ""},
    ],
)
async def test_what_is_not_published(home: Home, bob: Them, more: dict[str, Any]) -> None:
    note = bob.note(cc=[home.garden_uri]) | more
    create = bob.says("Create", note)
    await home.receiver.receive(bob.request(create), "application/activity+json")
    await home.processor.settle()
    assert await home.count(Post) == 1


async def test_an_update_changes_the_words_and_time_only_grows(home: Home, bob: Them) -> None:
    note = bob.note(inReplyTo=home.post_uri)
    await home.hears(bob, bob.creates(note))
    for updated, content in (
        ("2026-11-03T10:00:00Z", "third"),
        ("2026-11-02T10:00:00Z", "second"),
        ("2026-11-03T10:00:00Z", "again"),
    ):
        await home.hears(bob, bob.says("Update", note | {"content": content, "updated": updated}))
    post = await home.find_post(note["id"])
    assert post is not None
    assert post.html == "third"
    assert post.community_id == home.garden


async def test_an_update_by_another(home: Home, bob: Them, them: Callable[..., Them]) -> None:
    note = bob.note(inReplyTo=home.post_uri)
    await home.hears(bob, bob.creates(note))
    other = them("https://one.test/u/other")
    changed = note | {"content": "stolen", "updated": "2026-11-09T10:00:00Z"}
    await home.hears(other, other.says("Update", changed))
    await home.hears(other, other.says("Update", changed | {"attributedTo": other.uri}))
    ours = {"id": home.post_uri, "type": "Article", "attributedTo": home.ada_uri, "content": "x"}
    await home.hears(bob, bob.says("Update", ours))
    post = await home.find_post(note["id"])
    assert post is not None
    assert "stolen" not in post.html
    assert (await home.states())[1:] == ["dead"] * 3


async def test_a_discussion_is_edited(home: Home, bob: Them) -> None:
    note = bob.note(cc=[home.garden_uri], type="Article", name="Ploughs")
    await home.hears(bob, bob.creates(note))
    edited = note | {"content": "<p>Better.</p>", "updated": "2026-11-03T10:00:00Z"}
    await home.hears(bob, bob.says("Update", edited))
    await home.hears(bob, bob.says("Update", edited | {"type": "Unheard"}))
    post = await home.find_post(note["id"])
    assert post is not None
    assert (post.title, post.html) == ("Ploughs", "<p>Better.</p>")


async def test_a_profile_is_read_again_from_its_host(home: Home, bob: Them) -> None:
    await home.hears(bob, bob.says("Like", home.post_uri))
    bob.more = {"name": "Robert"}
    bob.live()
    lie = bob.document() | {"name": "Not what his host says"}
    await home.hears(bob, bob.says("Update", lie))
    actor = await home.row(Actor, Actor.uri == bob.uri)
    assert actor.display_name == "Robert"


async def test_delete_by_the_author_and_by_others(
    home: Home, bob: Them, them: Callable[..., Them]
) -> None:
    note = bob.note(inReplyTo=home.post_uri)
    await home.hears(bob, bob.creates(note))
    other = them("https://one.test/u/other")
    await home.hears(other, other.says("Delete", note["id"]))
    await home.hears(bob, bob.says("Delete", home.post_uri))
    await home.hears(bob, bob.says("Delete", "https://cop.test/post/77"))
    post = await home.find_post(note["id"])
    assert post is not None
    assert post.is_visible
    await home.hears(bob, bob.says("Delete", {"id": note["id"], "type": "Tombstone"}))
    post = await home.find_post(note["id"])
    assert post is not None
    assert post.deleted_at is not None
    assert post.html == ""
    await home.hears(bob, bob.creates(note), bob.says("Update", note))
    post = await home.find_post(note["id"])
    assert post is not None
    assert post.html == ""


async def test_a_whole_actor_goes(home: Home, bob: Them) -> None:
    note = bob.note(inReplyTo=home.post_uri)
    await home.hears(bob, bob.creates(note), bob.says("Delete", bob.uri))
    post = await home.find_post(note["id"])
    assert post is not None
    assert post.deleted_at is not None
    assert (await home.row(Actor, Actor.uri == bob.uri)).deleted_at is not None


async def test_a_steward_elsewhere_takes_a_post_out(
    home: Home, bob: Them, them: Callable[..., Them]
) -> None:
    eva = them("https://one.test/u/eva")
    note = bob.note(inReplyTo=home.post_uri)
    await home.hears(bob, bob.creates(note))
    await home.hears(eva, eva.says("Follow", home.garden_uri))
    await home.hears(eva, eva.says("Delete", note["id"], summary="off topic"))
    post = await home.find_post(note["id"])
    assert post is not None
    assert post.removed_at is None

    def appoint(session: Any) -> None:
        row = session.scalars(
            select(Membership)
            .join(Actor, Actor.id == Membership.actor_id)
            .where(Actor.uri == eva.uri)
        ).one()
        row.role = Role.STEWARD

    await home.app.db.write(appoint)
    await home.hears(eva, eva.says("Delete", note["id"], summary="off topic"))
    post = await home.find_post(note["id"])
    assert post is not None
    assert post.removed_at is not None
    assert post.html


async def likes(home: Home) -> tuple[int, int]:
    post = await home.row(Post, Post.id == home.post)
    return post.likes, post.dislikes


async def test_votes_and_their_undo(home: Home, bob: Them) -> None:
    like = bob.says("Like", home.post_uri)
    await home.hears(
        bob,
        like,
        bob.says("Like", home.post_uri),
        bob.says("EmojiReact", home.post_uri, content="🌱"),
    )
    assert await likes(home) == (1, 0)
    dislike = bob.says("Dislike", home.post_uri)
    await home.hears(bob, dislike)
    assert await likes(home) == (0, 1)
    await home.hears(bob, bob.says("Undo", like))  # long replaced
    assert await likes(home) == (0, 1)
    await home.hears(bob, bob.says("Undo", dislike["id"]))
    assert await likes(home) == (0, 0)
    await home.hears(bob, bob.says("Like", home.post_uri))
    await home.hears(bob, bob.says("Undo", bob.says("Like", home.post_uri)))  # Lemmy: a new id
    assert await likes(home) == (0, 0)
    await home.hears(bob, bob.says("Undo", bob.says("Like", home.post_uri)))
    assert await likes(home) == (0, 0)


async def test_an_old_like_is_undone_after_a_newer_one(home: Home, bob: Them) -> None:
    first, second = bob.says("Like", home.post_uri), bob.says("Like", home.post_uri)
    await home.hears(bob, first, bob.says("Dislike", home.post_uri), second)
    await home.hears(bob, bob.says("Undo", first))
    assert await likes(home) == (1, 0)


async def test_votes_on_what_is_gone_count_nothing(home: Home, bob: Them) -> None:
    note = bob.note(inReplyTo=home.post_uri)
    await home.hears(bob, bob.creates(note), bob.says("Delete", note["id"]))
    like = bob.says("Like", note["id"])
    await home.hears(bob, like, bob.says("Undo", like), bob.says("Like", "https://cop.test/post/7"))
    assert await home.count(Vote) == 0
    assert set(await home.states()) == {"done"}


async def test_undo_of_anothers_and_of_what_cannot_be_undone(
    home: Home, bob: Them, eve: Them
) -> None:
    like = bob.says("Like", home.post_uri)
    await home.hears(bob, like)
    await home.hears(eve, eve.says("Undo", like), eve.says("Undo", like["id"]))
    await home.hears(bob, bob.says("Undo", bob.says("Flag", home.post_uri)))
    await home.hears(bob, bob.says("Undo", "https://one.test/activities/unheard"))
    assert await likes(home) == (1, 0)
    assert await home.count(Tombstone, Tombstone.said_by == eve.uri) == 0
    assert await home.count(Tombstone, Tombstone.uri.like("%unheard")) == 1


async def test_what_nobody_handles_leaves_no_trace(home: Home, bob: Them) -> None:
    before = await home.count(Activity)
    await home.hears(
        bob,
        bob.says("Announce", home.post_uri),
        bob.says("Join", home.garden_uri),
        bob.says("View", home.post_uri),
        bob.says("QuoteRequest", home.post_uri),
        bob.says("Create", home.post_uri),
        bob.says("Delete", {"type": "Tombstone"}),
    )
    assert set(await home.states()) == {"done"}
    assert await home.count(Activity) == before
