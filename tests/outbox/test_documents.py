"""What a GET of our ids answers, in both views; and the collections behind them."""

import hashlib

import orjson
import pytest

from fedcop.domain.network.models import Activity
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.compose import compose_starter
from fedcop.domain.posts.edit import edit
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.remove import delete, remove
from fedcop.errors import NotFound
from fedcop.outbox.collections import entity_tag
from fedcop.outbox.deliver import Deliverer
from fedcop.outbox.dialects import BLOG, FORUM, MICROBLOG
from fedcop.outbox.documents import NOBODY, Asker, Documents, view_for
from fedcop.wiring import OBJECT_TYPES

pytestmark = pytest.mark.anyio

LEMMY, MASTODON, GHOST = (Asker(manner, recognised=True) for manner in (FORUM, MICROBLOG, BLOG))


async def get(here, uri, asker=NOBODY):
    """The status, the document and the answer of an id."""
    asked = here.app.uris.recognise(uri)
    assert asked is not None
    documents = Documents(here.app.uris, OBJECT_TYPES)
    answer = await here.read(lambda session: documents.answer(session, asked, asker))
    return answer.status, orjson.loads(answer.body), answer


async def missing(here, uri, asker=NOBODY):
    with pytest.raises(NotFound):
        await get(here, uri, asker)
    return True


async def scene(here):
    ada = await here.person("ada")
    home = await here.community("garden", ada)
    eve = await here.remote("lemmy.example", "eve", "lemmy")
    await here.member(home, eve)
    start = await here.start(ada, home, "First **words**.")
    answer = await here.reply(ada, start)
    return ada, home, eve, start, answer


async def uri_of(here, row_id):
    return (await here.rows(Post, Post.id == row_id))[0].uri


async def test_one_id_two_views(here):
    _, _, _, start, answer = await scene(here)
    uri = await uri_of(here, start)
    for asker, kind in (
        (NOBODY, "Article"),
        (LEMMY, "Article"),
        (GHOST, "Article"),
        (MASTODON, "Note"),
    ):
        status, document, sent = await get(here, uri, asker)
        assert (status, document["type"], document["id"]) == (200, kind, uri)
        assert sent.private is asker.recognised
        assert document["@context"]
        assert ("name" in document) == (kind == "Article")
        assert "updated" not in document
        assert document["to"]
        assert "<strong>" in document["content"]
    for asker in (NOBODY, MASTODON):
        _, document, _ = await get(here, await uri_of(here, answer), asker)
        assert document["type"] == "Note"
        assert document["inReplyTo"] == uri


async def test_what_is_not_here(here):
    _, home, eve, start, answer = await scene(here)
    theirs = await here.arrive(eve, home)
    base = "https://cop.example"
    for path in (
        f"/comment/{start}",
        f"/post/{answer}",
        f"/post/{theirs}",
        "/post/1",
        "/u/nobody",
        "/c/nowhere",
        "/activity/1",
        "/u/ada/featured",
        "/c/garden/following",
        "/c/garden/inbox",
        f"/comment/{answer}/context",
        "/post/1/replies",
    ):
        assert await missing(here, base + path)


async def test_activities_are_for_forum_software(here):
    _, home, eve, start, _ = await scene(here)
    rows = [a for a in await here.rows(Activity) if a.local]
    found = {
        asker: {(a.type, a.object_uri) for a in rows if not await _is_missing(here, a.uri, asker)}
        for asker in (LEMMY, NOBODY, MASTODON, GHOST)
    }
    everything = {(a.type, a.object_uri) for a in rows}
    assert found[LEMMY] == found[NOBODY] == everything
    uri = await uri_of(here, start)
    assert found[MASTODON] == found[GHOST] == {("Create", uri), ("Announce", uri)}
    create = next(a for a in rows if a.type == "Create" and a.object_uri == uri)
    _, native, _ = await get(here, create.uri, LEMMY)
    _, note, _ = await get(here, create.uri, MASTODON)
    _, blog, _ = await get(here, create.uri, GHOST)
    assert native["object"]["type"] == blog["object"]["type"] == "Article"
    assert "proof" in native
    assert note["object"]["type"] == "Note"
    assert "proof" not in note

    theirs = await here.arrive(eve, home)
    inbound = next(a for a in await here.rows(Activity) if not a.local)
    assert theirs
    assert inbound.uri.startswith("https://lemmy.example")


async def _is_missing(here, uri, asker):
    try:
        await get(here, uri, asker)
    except NotFound:
        return True
    return False


async def test_what_was_deleted(here):
    ada, _, _, start, _ = await scene(here)
    uri = await uri_of(here, start)
    before = [a.uri for a in await here.rows(Activity) if a.object_uri == uri]
    await here.act(lambda uow: delete(uow, uow.get(Post, start), uow.get(Actor, ada)))
    for asker in (NOBODY, MASTODON):
        status, document, _ = await get(here, uri, asker)
        assert (status, document["type"], document["id"]) == (410, "Tombstone", uri)
    for said in before:
        row = (await here.rows(Activity, Activity.uri == said))[0]
        if row.type == "Create":
            status, document, _ = await get(here, said, LEMMY)
            assert (status, document["type"]) == (410, "Tombstone")
        else:
            assert await missing(here, said, LEMMY)
    assert await missing(here, f"{uri}/context")


async def test_what_stewards_removed(here):
    ada, _, _, start, _ = await scene(here)
    uri = await uri_of(here, start)

    def change(uow):
        words = compose_starter(uow.session, uow.uris, "A question", "Second words.")
        edit(uow, uow.get(Post, start), uow.get(Actor, ada), words)

    await here.act(change)
    _, document, _ = await get(here, uri)
    assert document["updated"]
    old = [a.uri for a in await here.rows(Activity) if a.object_uri == uri and a.type != "Announce"]
    await here.act(lambda uow: remove(uow, uow.get(Post, start), uow.get(Actor, ada)))
    status, document, _ = await get(here, uri, LEMMY)
    assert (status, document["type"]) == (410, "Tombstone")
    status, document, _ = await get(here, uri, MASTODON)
    assert status == 200
    assert "stewards" in document["content"]
    assert "words" not in orjson.dumps(document).decode()
    for said in old:
        assert await missing(here, said, MASTODON)
    told = [a for a in await here.rows(Activity) if a.type == "Update" and a.uri not in old]
    assert len(told) == 1
    _, update, _ = await get(here, told[0].uri, MASTODON)
    assert update["object"] == {k: v for k, v in document.items() if k != "@context"}


async def test_actors_and_their_collections(here):
    ada, home, eve, start, _ = await scene(here)
    theirs = await here.arrive(eve, home)
    bare = await here.arrive(eve, home, cause=False)
    base = "https://cop.example"
    _, person, _ = await get(here, f"{base}/u/ada")
    _, group, _ = await get(here, f"{base}/c/garden")
    assert (person["type"], group["type"]) == ("Person", "Group")
    for actor in (person, group):
        _, crowd, _ = await get(here, actor["followers"])
        assert "orderedItems" not in crowd
        assert crowd["totalItems"] == (2 if actor is group else 0)
        _, outbox, _ = await get(here, actor["outbox"])
        assert outbox["id"] == actor["outbox"]
    _, following, _ = await get(here, person["following"])
    assert following["totalItems"] == 1
    _, moderators, _ = await get(here, group["moderators"])
    assert moderators["orderedItems"] == [person["id"]]
    _, featured, _ = await get(here, group["featured"])
    assert featured["orderedItems"] == []

    _, outbox, _ = await get(here, group["outbox"])
    assert outbox["totalItems"] == 3
    newest, middle, oldest = outbox["orderedItems"]
    assert newest["object"] == await uri_of(here, bare)
    assert middle["object"]["object"]["id"] == await uri_of(here, theirs)
    assert oldest["object"]["type"] == "Create"
    assert oldest["object"]["object"]["type"] == "Article"
    assert oldest["object"]["object"]["id"] == await uri_of(here, start)
    known = {a.uri for a in await here.rows(Activity)}
    assert {newest["id"], middle["id"], oldest["id"], oldest["object"]["id"]} <= known
    _, mine, _ = await get(here, person["outbox"])
    assert [item["type"] for item in mine["orderedItems"]] == ["Create"]

    def leave_this_world(uow):
        uow.get(Actor, ada).deleted_at = uow.now

    await here.act(leave_this_world)
    status, document, _ = await get(here, f"{base}/u/ada")
    assert (status, document["type"]) == (410, "Tombstone")


async def test_an_empty_community(here):
    ada = await here.person("ada")
    await here.community("empty", ada)
    _, outbox, _ = await get(here, "https://cop.example/c/empty/outbox")
    assert outbox["orderedItems"] == []
    _, outbox, _ = await get(here, "https://cop.example/u/ada/outbox")
    assert outbox["totalItems"] == 0


async def test_a_conversation_and_its_tag(here):
    _, home, eve, start, answer = await scene(here)
    theirs = await here.arrive(eve, home, answer)
    uris = [await uri_of(here, row_id) for row_id in (start, answer, theirs)]
    _, context, sent = await get(here, f"{uris[0]}/context")
    assert context["orderedItems"] == uris
    assert context["id"] == f"{uris[0]}/context"
    assert context["attributedTo"] == "https://cop.example/c/garden"
    tag = 0
    for uri in uris:
        tag ^= int(hashlib.sha256(uri.encode()).hexdigest(), 16)
    assert sent.etag == f"{tag:064x}" == entity_tag(reversed(uris))
    _, replies, _ = await get(here, f"{uris[0]}/replies")
    assert replies["orderedItems"] == [uris[1]]
    _, replies, _ = await get(here, f"{uris[1]}/replies")
    assert replies["orderedItems"] == [uris[2]]

    root = await here.arrive(eve, home)
    status, _, _ = await get(here, f"https://cop.example/post/{root}/context")
    assert status == 200
    assert await missing(here, f"https://cop.example/post/{root}/replies")


async def test_the_instance_actor(here):
    from fedcop.domain.site.found import set_up

    await here.act(lambda uow: set_up(uow, name="Here", keys=here.keys))
    _, document, _ = await get(here, "https://cop.example/")
    assert document["type"] == "Application"
    assert document["id"] == "https://cop.example/"
    assert document["publicKey"]["owner"] == document["id"]


async def test_who_asks(here):
    await here.remote("masto.example", "eve", "mastodon")
    await here.remote("unknown.example", "eve")

    async def asker(agent, host=None):
        return await here.read(lambda session: view_for(session, agent, host))

    assert await asker("Lemmy/0.19; +https://x", "masto.example") == LEMMY
    assert await asker("curl/8", "MASTO.example") == MASTODON
    assert await asker("curl/8", "unknown.example") is NOBODY
    assert await asker("curl/8", "nowhere.example") is NOBODY
    assert await asker("") is NOBODY
    assert NOBODY.manner == FORUM


async def test_what_is_fetched_is_what_was_sent(here):
    ada, home, *_ = await scene(here)
    await here.member(home, await here.remote("masto.example", "eve", "mastodon"))
    here.net.brought.clear()
    await here.start(ada, home, "Hello @eve@masto.example")
    while await Deliverer(here.app).run_once():
        pass
    for host, document in here.net.brought:
        asker = LEMMY if host == "lemmy.example" else MASTODON
        _, fetched, _ = await get(here, document["id"], asker)
        assert fetched == document
        if document["type"] == "Create":
            _, thing, _ = await get(here, document["object"]["id"], asker)
            assert {k: v for k, v in thing.items() if k != "@context"} == document["object"]
