"""What our ids answer to other servers."""

import pytest

from fedcop.web.federation.documents import VARY

pytestmark = pytest.mark.anyio
AS2 = "application/activity+json"
MASTODON = "http.rb/5.1.1 (Mastodon/4.3.0; +https://social.example/)"
LEMMY = "Lemmy/0.19.5; +https://lemmy.example"


@pytest.mark.parametrize(
    ("path", "type", "id"),
    [
        ("/", "Application", "/"),
        ("/actor", "Application", "/"),
        ("/u/ada", "Person", "/u/ada"),
        ("/@ada", "Person", "/u/ada"),
        ("/c/gardeners", "Group", "/c/gardeners"),
        ("/u/ada/outbox", "OrderedCollection", "/u/ada/outbox"),
        ("/u/ada/followers", "OrderedCollection", "/u/ada/followers"),
        ("/u/ada/following", "OrderedCollection", "/u/ada/following"),
        ("/c/gardeners/outbox", "OrderedCollection", "/c/gardeners/outbox"),
        ("/c/gardeners/followers", "OrderedCollection", "/c/gardeners/followers"),
        ("/c/gardeners/moderators", "OrderedCollection", "/c/gardeners/moderators"),
        ("/c/gardeners/featured", "OrderedCollection", "/c/gardeners/featured"),
        ("/outbox", "OrderedCollection", "/outbox"),
    ],
)
async def test_each_id_answers_with_its_own_document(door, path, type, id):
    answer = await door.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == AS2
    assert answer.headers["vary"].startswith(VARY)
    document = answer.json()
    assert (document["type"], document["id"]) == (type, f"https://red.test{id}")


async def test_a_post_answers_at_its_id_and_at_its_page(door):
    by_id = await door.get(door.starter)
    page = by_id.json()["url"]
    by_page = await door.get(page)
    assert by_id.status_code == by_page.status_code == 200
    assert by_page.headers["content-type"] == AS2
    assert by_id.json() == by_page.json()
    assert by_id.json()["id"] == door.starter
    assert (await door.get(door.reply)).json()["inReplyTo"] == door.starter


async def test_the_view_is_that_of_the_asker(door):
    views = {
        agent: (await door.get(door.starter, User_Agent=agent)).json()
        for agent in (MASTODON, LEMMY, "curl/8")
    }
    assert [views[agent]["type"] for agent in views] == ["Note", "Article", "Article"]
    assert {view["id"] for view in views.values()} == {door.starter}
    assert "name" not in views[MASTODON]
    assert "<strong>Frost in May?</strong>" in views[MASTODON]["content"]
    private = await door.get(door.starter, User_Agent=MASTODON)
    public = await door.get(door.starter, User_Agent="curl/8")
    assert private.headers["cache-control"].startswith("private")
    assert public.headers["cache-control"].startswith("public")


async def test_the_host_of_the_key_names_an_asker_without_a_product(door):
    signature = 'keyId="https://unknown.example/actor#main-key",signature="AA=="'
    answer = await door.get(door.starter, User_Agent="", Signature=signature)
    assert answer.status_code == 200
    assert answer.json()["type"] == "Article"


async def test_the_conversation_has_a_tag_that_need_not_be_quoted(door):
    context = await door.get(f"{door.starter}/context")
    assert context.json()["orderedItems"] == [door.starter, door.reply]
    tag = context.headers["etag"]
    for asked in (tag, tag.strip('"'), f"W/{tag}", f'"other", {tag}'):
        same = await door.get(f"{door.starter}/context", If_None_Match=asked)
        assert (same.status_code, same.content) == (304, b"")
    replies = await door.get(f"{door.starter}/replies")
    assert replies.json()["orderedItems"] == [door.reply]


async def test_activities_can_be_fetched_by_forum_software_only(door):
    outbox = (await door.get("/c/gardeners/outbox", User_Agent=LEMMY)).json()
    announce = outbox["orderedItems"][0]
    found = await door.get(announce["id"], User_Agent=LEMMY)
    assert (found.status_code, found.json()["type"]) == (200, "Announce")
    assert (await door.get(announce["id"], User_Agent=MASTODON)).status_code == 404


async def test_what_was_deleted_is_gone_with_a_tombstone(own_door):
    await own_door.ada.delete(own_door.starter)
    gone = await own_door.get(own_door.starter)
    assert (gone.status_code, gone.headers["content-type"]) == (410, AS2)
    assert gone.json()["type"] == "Tombstone"
    assert gone.json()["id"] == own_door.starter


@pytest.mark.parametrize(
    "path",
    [
        "/u/nobody",
        "/c/nobody",
        "/u/gardeners",
        "/u/ada/moderators",
        "/u/nobody/outbox",
        "/c/nobody/featured",
        "/post/1",
        "/comment/1",
        "/post/99999999999999999999999999",
        "/activity/7",
        "/post/1/context",
        "/@nobody",
        "/c/gardeners/p/1/slug",
    ],
)
async def test_what_is_not_here_is_404_as_json(door, path):
    answer = await door.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == AS2
    assert answer.json()["error"]


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/*",
        "text/html",
        AS2,
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
        'application/ld+json;profile="unclosed',
        "application/activity+json;q=NaN, text/html;q=inf",
        ";;;,,,q=,",
        "\xff\xfe",
        "a/b," * 5_000,
    ],
)
async def test_no_accept_header_breaks_anything(door, accept):
    for path in ("/", "/u/ada", "/c/gardeners", door.starter, "/u/ada/outbox", "/nodeinfo/2.1"):
        answer = await door.http.get(path, headers={"Accept": accept.encode("latin-1")})
        assert answer.status_code < 400, path


async def test_browsers_get_pages_at_the_same_addresses(door):
    for path in ("/", "/c/gardeners", "/@ada"):
        answer = await door.http.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
