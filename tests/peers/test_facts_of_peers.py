"""What was seen when the peers themselves ran: how they knock, what they ask for, what they send.

Source: federation.md §3.1 to §3.4 and §2, and the peers, run against each other.
"""

import json
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import func, select
from starlette.routing import Route

from fedcop.activitypub.signatures import cavage
from fedcop.domain.posts.models import Post
from fedcop.inbox.models import InboxMessage
from tests.peers.software import GoToSocialLike, LemmyLike, PieFedLike

pytestmark = pytest.mark.anyio
HOST = "red.test"
INBOX = f"https://{HOST}/inbox"


def client_of(town) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(town.red.house.web)
    return httpx.AsyncClient(transport=transport, base_url=f"https://{HOST}")


async def messages(town) -> int:
    return await town.red.read(lambda s: s.scalar(select(func.count()).select_from(InboxMessage)))


# PieFed posts to exactly https://HOST/inbox, whatever the actor says, and follows no redirect


def knock(peer, who, document, path="/inbox", **more):
    """A delivery as it goes out, with headers that a proxy or a peer may add."""
    body = json.dumps({"@context": "https://www.w3.org/ns/activitystreams"} | document).encode()
    headers = cavage.sign("POST", f"https://{HOST}{path}", body, who.key, datetime.now(UTC))
    return {"url": path, "content": body, "headers": headers | more}


ADDED = [
    {},
    {"Accept": "text/html"},
    {"Accept": "*/*;q=0"},
    {"Cookie": "session=1"},
    {"Origin": "https://peer.test"},
    {"Sec-Fetch-Site": "cross-site"},
    {"X-Forwarded-Proto": "http"},
    {"X-Forwarded-Host": "else.test"},
    {"Upgrade-Insecure-Requests": "1"},
    {"Referer": "http://red.test/"},
]
PATHS = ["/inbox", "/inbox/", "/inbox//", "/inbox?x=1", "/inbox/?x=1", "/c/gardeners/inbox/"]


async def test_an_inbox_never_redirects(town):
    peer = PieFedLike(town.world.wires, "forum.test")
    bo = peer.person("bo")
    async with client_of(town) as http:
        for number, (path, more) in enumerate([(p, {}) for p in PATHS] + [("", m) for m in ADDED]):
            note = peer.note(bo, f"Hello {number}", audience=f"https://{HOST}/c/gardeners")
            create = peer.act(bo, "Create", note, to=note["to"])
            answer = await http.post(**knock(peer, bo, create, path or "/inbox", **more))
            assert answer.status_code == 202, (path, more, answer.text)
        for method in ("GET", "HEAD", "OPTIONS", "PUT"):
            for path in ("/inbox", "/inbox/", "/inbox/?x=1", "/u/ada/inbox/"):
                answer = await http.request(method, path)
                assert answer.status_code == 405, (method, path)
    assert await messages(town) == len(PATHS) + len(ADDED)


# GoToSocial answers 401 to a GET that is not signed, and 418 to who does not say who asks


class Teapot(GoToSocialLike):
    """As it is, but for NodeInfo and WebFinger, which need no signature."""

    nameless = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not request.headers.get("user-agent"):
            self.nameless += 1
            return httpx.Response(418, stream=httpx.ByteStream(b""))
        return await super().handle_async_request(request)


async def test_a_server_that_wants_every_get_signed_and_a_user_agent_works_both_ways(town):
    social = Teapot(town.world.wires, "social.test")
    eve = social.person("eve")
    unsigned = await social.get(eve.uri, signed=False)
    assert unsigned.status_code == 401
    assert (await social.get(eve.uri, agent="")).status_code == 418
    social.refused.clear()
    social.nameless = 0

    await social.follows(eve, "gardeners", HOST)
    frost = await town.ada.write(town.gardeners, "Frost in May?")
    await town.settle()
    assert social.timeline.boosted() == [frost]

    reply = social.note(eve, "<p>Fleece.</p>", inReplyTo=frost)
    await social.says(eve, INBOX, social.create(eve, reply))
    await social.says(eve, INBOX, social.act(eve, "Like", frost))
    await town.settle()
    assert [row[0] for row in await town.red.thread(frost)] == [frost, reply["id"]]
    assert (await town.red.thread(frost))[0][3] == 1
    assert social.nameless == 0

    # we ask it ourselves: the handle, then the actor
    fay = social.person("fay")
    await town.red.house.resolver.find(fay.handle)
    assert await town.red.meet(fay.uri)
    assert social.nameless == 0


# whatever is asked for, on every address that anybody may read

ACCEPTS = [
    "",
    "*",
    "*/*",
    "*/*;q=0",
    "text/html;q=0, application/activity+json;q=0",
    "application/*+json",
    "application/activity+json;charset=utf-8",
    'application/ld+json; profile="https://www.w3.org/ns/activitystreams',
    "application/ld+json; profile=https://www.w3.org/ns/activitystreams",
    'application/ld+json; profile="a b c https://www.w3.org/ns/activitystreams"',
    'application/ld+json; profile="\\"https://www.w3.org/ns/activitystreams\\""',
    "APPLICATION/ACTIVITY+JSON",
    "application/activity+json, application/activity+json;q=0",
    "application/json, text/html;q=0.9, image/*;q=0.8, */*;q=0.7",
    "application/jrd+json, application/xrd+xml",
    "application/rss+xml, application/atom+xml",
    "text/html;level=1;q=2, text/html;q=-1, text/html;q=1e400, text/html;q=NaN",
    ",,,;;;===",
    '"',
    '"""',
    "\\",
    "text/html\t;\tq\t=\t0.1",
    "text/html;" + "a=b;" * 3_000,
    "a/b," * 4_000,
    '"' * 8_000,
    '"\\' * 4_000,
    "\xff\xfe\x80",
    "é/ü",
    "application/activity+json\x0b",
    "<script>alert(1)</script>",
    "${jndi:ldap://x}",
    "../../etc/passwd",
    "%00%0d%0a",
]


def public_paths(town, starter: str, reply: str) -> list[str]:
    """Every address of the routes, with names and numbers that are there."""
    of_starter, of_reply = starter.rpartition("/")[2], reply.rpartition("/")[2]
    paths: set[str] = set()
    for route in town.red.house.web.routes:
        inner = getattr(route, "route", route)
        if not isinstance(inner, Route) or "GET" not in (inner.methods or ()):
            continue
        for person_or_group in ("ada", "gardeners"):
            path = inner.path
            if "{name}" in path:
                path = path.replace("{name}", person_or_group)
            number = of_reply if path.startswith("/comment") else of_starter
            for hole in ("{id:int}", "{post:int}", "{id}"):
                path = path.replace(hole, number)
            paths.add(path.replace("{slug}", "slug"))
    return sorted(paths)


async def test_no_accept_header_is_too_odd(town):
    starter = await town.ada.write(town.gardeners, "Frost in May?", "It was **cold**. #frost")
    reply = await town.ben.reply(starter, "Fleece.")
    paths = public_paths(town, starter, reply)
    assert {"/", "/@ada", "/c/gardeners", "/search", "/.well-known/webfinger"} <= {*paths}
    transport = httpx.ASGITransport(town.red.house.web, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url=f"https://{HOST}") as http:
        for number, path in enumerate(paths):
            # each address meets some of them; below, some addresses meet all
            for accept in ACCEPTS[number % 8 :: 8]:
                answer = await http.get(path, headers=[(b"Accept", accept.encode("latin-1"))])
                assert answer.status_code < 500 or path == "/readyz", (path, accept)
        for accept in ACCEPTS:
            for path in ("/", "/u/ada", "/c/gardeners", starter, "/nowhere"):
                answer = await http.get(path, headers=[(b"Accept", accept.encode("latin-1"))])
                assert answer.status_code < 500, (path, accept)


# NodeBB answers 202 when it has done everything, and says each thing in two ways


class NodeBbLike(PieFedLike):
    """Reads everything again from its id before it answers a delivery."""

    software, version = "nodebb", "4.5.0"
    agent = "NodeBB/4.5.0 (https://{host})"

    async def take(self, got) -> None:
        thing = got.document["object"]
        uri = thing if isinstance(thing, str) else thing["id"]
        if uri.startswith(f"https://{HOST}/"):
            await self.read(uri)
        await self.read(got.signer)


async def test_a_peer_that_reads_before_it_answers_is_not_locked_out(town):
    peer = NodeBbLike(town.world.wires, "board.test")
    bo = peer.person("bo")
    await peer.follows(bo, "gardeners", HOST)
    await town.settle()
    frost = await town.ada.write(town.gardeners, "Frost in May?")
    await town.settle()
    await town.ben.reply(frost, "Fleece.")
    await town.settle()
    assert peer.forms() == ["Accept{Follow}"] + 2 * ["Announce{Create{%s}}"] or len(peer.received)
    assert len(peer.received) == 3


async def test_two_forms_of_one_announce_have_one_effect(town):
    peer = NodeBbLike(town.world.wires, "board.test")
    category, bo = peer.group("talk"), peer.person("bo")
    row_id = await town.red.meet(category.uri)
    assert row_id
    from_here = await joined(town, category)
    page = peer.page(bo, category, "Straw or fleece?", "Both.")
    create = peer.create(bo, page)
    peer.documents[create["id"]] = create
    for inner in (create, page["id"], create["id"], page["id"], create):
        await peer.says(category, INBOX, peer.announce(category, inner))
        await town.settle()
    posts = await town.red.read(
        lambda s: s.scalar(select(func.count(Post.id)).where(Post.uri == page["id"]))
    )
    assert posts == 1
    assert await town.titles() == ["Straw or fleece?"]
    notices = await from_here.notices()
    assert len([one for one in notices if one[0] == "reply"]) == 0
    # the same for a vote: the Like whole, and by its id
    like = peer.act(bo, "Like", page["id"], audience=category.uri)
    peer.documents[like["id"]] = {"@context": "https://www.w3.org/ns/activitystreams"} | like
    for inner in (like, like["id"], like):
        await peer.says(category, INBOX, peer.announce(category, inner))
        await town.settle()
    thread = await town.red.thread(page["id"])
    assert thread[0][3] <= 1


async def joined(town, category):
    """Somebody here who belongs to a community elsewhere."""

    class Afar:
        uri = category.uri

    await town.ben.join(Afar)
    await town.settle()
    return town.ben


# peers store bodies that do not fit their Digest; we do not


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b"Hello", b"Hallo"),
        lambda body: body + b" ",
        lambda body: body[:-1] + b"\n}",
        lambda body: b'{"a":1}',
        lambda body: b"",
    ],
)
async def test_a_body_that_does_not_fit_its_digest_is_not_kept(town, change):
    peer = LemmyLike(town.world.wires, "forum.test")
    bo = peer.person("bo")
    create = peer.act(bo, "Create", peer.note(bo, "Hello"))
    sent = knock(peer, bo, create)
    async with client_of(town) as http:
        changed = await http.post(**sent | {"content": change(sent["content"])})
        assert changed.status_code in {400, 401}, changed.text
        assert await messages(town) == 0
        assert (await http.post(**sent)).status_code == 202
        assert await messages(town) == 1
