"""What we serve, against the parsers of the peers, FEP-7888, FEP-f228 and RFC 7033."""

import hashlib

import httpx
import pytest

from tests.peers import forums, lemmy, microblogs
from tests.peers.peer import ACCEPT, ACTIVITY
from tests.peers.software import LemmyLike, MastodonLike

pytestmark = pytest.mark.anyio
HOST = "red.test"
SITE = "https://red.test"


@pytest.fixture
async def asker(town):
    """A client that says nothing of itself."""
    async with httpx.AsyncClient(transport=town.world.wires) as client:
        client.headers = httpx.Headers({"Accept": ACCEPT})
        yield client


async def test_every_actor_is_read_by_every_peer(town, asker):
    group = (await asker.get(town.gardeners.uri)).json()
    person = (await asker.get(town.ada.uri)).json()
    lemmy.group(group)
    for actor in (group, person):
        for reads in (lemmy.actor, forums.piefed_actor, forums.nodebb_actor, microblogs.actor):
            reads(actor)
        assert actor["webfinger"] == f"{actor['preferredUsername']}@{HOST}"
        assert actor["assertionMethod"][0]["controller"] == actor["id"]
    assert group["attributedTo"] == group["moderators"] == f"{town.gardeners.uri}/moderators"


async def test_the_instance_actor_answers_anybody_at_both_addresses(town, asker):
    root, actor = await asker.get(f"{SITE}/"), await asker.get(f"{SITE}/actor")
    assert root.json() == actor.json()
    assert (root.json()["id"], root.json()["type"]) == (f"{SITE}/", "Application")
    assert root.json()["preferredUsername"] == HOST
    lemmy.actor(root.json())
    microblogs.actor(root.json())
    for key in ("outbox", "followers", "following"):
        assert (await asker.get(root.json()[key])).json()["totalItems"] == 0


@pytest.mark.parametrize(
    ("resource", "found"),
    [
        ("acct:gardeners@red.test", "/c/gardeners"),
        ("acct:Gardeners@RED.test", "/c/gardeners"),
        ("https://red.test/c/gardeners", "/c/gardeners"),
        ("acct:ada@red.test", "/u/ada"),
        ("https://red.test/u/ada", "/u/ada"),
        ("https://red.test/@ada", "/u/ada"),
        ("acct:red.test@red.test", "/"),
        ("https://red.test/", "/"),
        ("https://red.test", "/"),
    ],
)
async def test_webfinger_finds_every_form_and_closes_the_loop(town, asker, resource, found):
    answer = await asker.get(f"{SITE}/.well-known/webfinger", params={"resource": resource})
    assert answer.headers["content-type"] == "application/jrd+json"
    uri = microblogs.self_link(answer.json())
    assert uri == f"{SITE}{found}"
    actor = (await asker.get(uri)).json()
    microblogs.subject(answer.json(), actor["preferredUsername"], HOST)
    link = next(one for one in answer.json()["links"] if one["rel"] == "self")
    kind = "https://www.w3.org/ns/activitystreams#type"
    assert link["properties"][kind] == actor["type"]


@pytest.mark.parametrize("resource", ["acct:nobody@red.test", "acct:ada@blue.test", "nonsense"])
async def test_webfinger_of_nobody_is_404_and_empty(town, asker, resource):
    answer = await asker.get(f"{SITE}/.well-known/webfinger", params={"resource": resource})
    assert (answer.status_code, answer.content) == (404, b"")


async def test_webfinger_without_a_resource_is_400(town, asker):
    assert (await asker.get(f"{SITE}/.well-known/webfinger")).status_code == 400


async def test_nodeinfo_is_flat_for_lemmy(town, asker):
    links = (await asker.get(f"{SITE}/.well-known/nodeinfo")).json()["links"]
    assert links[0]["rel"].startswith("http://nodeinfo.diaspora.software/ns/schema/2.")
    document = (await asker.get(links[0]["href"])).json()
    lemmy.nodeinfo(document)
    assert document["software"]["name"] == "fedcop"


async def test_the_collections_of_a_community_are_read_by_every_peer(town, asker):
    blog = MastodonLike(town.world.wires, "blog.test")
    frost = await town.ada.write(town.gardeners, "Frost in May?")
    fay = blog.person("fay")
    group = await blog.finds("gardeners", HOST)
    note = blog.mentioning(fay, group, HOST, "Straw or fleece?")
    await blog.says(fay, group["inbox"], blog.create(fay, note))
    await town.settle()
    straw = await town.ben.write(town.gardeners, "Straw, then")
    await town.settle()

    outbox = (await asker.get(group["outbox"])).json()
    assert lemmy.outbox(outbox, town.gardeners.uri) == [straw, frost]
    assert outbox["totalItems"] == len(outbox["orderedItems"]) == 3
    for item in outbox["orderedItems"]:
        forums.piefed(item)
    lemmy.featured((await asker.get(group["featured"])).json(), town.gardeners.uri)
    moderators = (await asker.get(group["moderators"])).json()
    lemmy.moderators(moderators, town.gardeners.uri)
    assert moderators["orderedItems"] == [town.ada.uri]
    followers = (await asker.get(group["followers"])).json()
    assert followers["totalItems"] == 2
    assert "orderedItems" not in followers
    assert "first" not in followers


async def test_a_conversation_is_a_collection_with_the_tag_of_nodebb(town, asker):
    blog = MastodonLike(town.world.wires, "blog.test")
    fay = blog.person("fay")
    frost = await town.ada.write(town.gardeners, "Frost in May?")
    fleece = await town.ben.reply(frost, "Fleece.")
    answer = blog.note(fay, "<p>Straw.</p>", inReplyTo=fleece)
    await blog.says(fay, f"{SITE}/inbox", blog.create(fay, answer))
    await town.settle()
    gone = await town.ben.reply(frost, "Oh.")
    await town.ben.delete(gone)
    await town.settle()

    article = (await asker.get(frost)).json()
    got = await asker.get(article["context"])
    context = got.json()
    assert context["id"] == article["context"]
    assert context["type"] == "OrderedCollection"
    assert context["attributedTo"] == context["audience"] == town.gardeners.uri
    assert context["orderedItems"][0] == frost  # its published has whole seconds
    assert set(context["orderedItems"]) == {frost, fleece, answer["id"]}
    assert context["totalItems"] == 3
    for uri in (frost, fleece):
        member = (await asker.get(uri)).json()
        assert (member["id"], member["context"]) == (uri, context["id"])
    replies = (await asker.get(article["replies"])).json()
    assert (replies["id"], replies["orderedItems"]) == (article["replies"], [fleece])

    members = [hashlib.sha256(uri.encode()).digest() for uri in context["orderedItems"]]
    tag = bytes(32)
    for member in members:
        tag = bytes(a ^ b for a, b in zip(tag, member, strict=True))
    assert got.headers["etag"].strip('"') == tag.hex()
    for asked in (tag.hex(), f'"{tag.hex()}"', f'W/"{tag.hex()}"'):
        again = await asker.get(article["context"], headers={"If-None-Match": asked})
        assert (again.status_code, again.content) == (304, b"")


async def test_each_page_answers_with_the_object_itself_and_names_its_id(town, asker):
    frost = await town.ada.write(town.gardeners, "Frost in May?")
    fleece = await town.ben.reply(frost, "Fleece.")
    await town.settle()
    article = (await asker.get(frost)).json()
    pages = {
        town.gardeners.uri: town.gardeners.uri,
        f"{SITE}/@ada": town.ada.uri,
        article["url"]: frost,
        frost: frost,
        fleece: fleece,
        f"{SITE}/": f"{SITE}/",
    }
    for page, uri in pages.items():
        answer = await asker.get(page)
        assert (answer.status_code, answer.json()["id"]) == (200, uri)
        assert answer.headers["content-type"] == ACTIVITY
        assert "Accept" in answer.headers["vary"]
        for header in ("Signature", "Signature-Input"):
            assert header in answer.headers["vary"].split(", ")
    for page in (town.gardeners.uri, article["url"], f"{SITE}/@ada"):
        shown = await asker.get(page, headers={"Accept": "text/html"})
        assert shown.headers["content-type"].startswith("text/html")
        assert f"<{pages[page]}>" in shown.headers["link"]
        assert "Accept" in shown.headers["vary"]


async def test_what_is_asked_as_ld_json_is_answered_in_one_type(town, asker):
    for accept in (
        ACTIVITY,
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
        f"{ACTIVITY}, text/html;q=0.1",
    ):
        answer = await asker.get(town.gardeners.uri, headers={"Accept": accept})
        assert answer.headers["content-type"] == ACTIVITY


async def test_ids_in_what_we_say_have_no_fragment_and_answer(town, asker):
    peer = LemmyLike(town.world.wires, "forum.test")
    await peer.follows(peer.person("bo"), "gardeners", HOST)
    await town.ada.write(town.gardeners, "Frost in May?")
    await town.settle()
    for got in peer.received:
        assert "#" not in got.document["id"]
        answer = await asker.get(got.document["id"])
        assert answer.status_code == 200
        assert answer.content == got.body
