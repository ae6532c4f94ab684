"""WebFinger: what is asked of us, and what others answer."""

from typing import Any
from urllib.parse import urlencode

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedcop.activitypub.webfinger import Handle, look_up, parse_handle, parse_resource
from fedcop.errors import FedcopError, Malformed
from fedcop.net.client import Client
from fedcop.net.urls import canonical_url, host_of
from tests.databases import lay_sqlite
from tests.fediverse import Fediverse
from tests.fuzz.examples import few

pytestmark = pytest.mark.anyio
HOST = "red.test"
NAMES = st.from_regex(r"[A-Za-z0-9_](?:[A-Za-z0-9_.~-]{0,8}[A-Za-z0-9_])?", fullmatch=True)
HOSTS = st.sampled_from(["red.test", "a.example", "xn--bcher-kva.example", "bücher.example"])
PIECES = ["acct:", "ACCT:", "@", "!", "ada", HOST, "https://", "http://", "/u/ada", "/@ada", "/c/x"]
PIECES += ["?", "#", "%", "%00", "\0", ":", "443", "/", "\\", " ", "\t", "..", "。", "\u202e", "é"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=7).map("".join) | st.text(max_size=60)


@given(NAMES, HOSTS, st.sampled_from(["acct:", "Acct:", "@", "!", ""]))
@few(100)
def test_a_resource_is_read_as_it_is_written(name: str, host: str, prefix: str) -> None:
    found = parse_resource(f"{prefix}{name}@{host}")
    assert isinstance(found, Handle)
    assert found.name == name.lower()
    assert found.host.isascii()
    assert parse_resource(f"acct:{found}") == found
    assert str(parse_handle(f"{prefix}{name}@{host}")) == f"{name}@{found.host}"


@given(TEXTS)
@few(200)
def test_any_resource_is_a_handle_or_a_url_or_refused(text: str) -> None:
    try:
        found = parse_resource(text)
    except Malformed:
        return
    if isinstance(found, Handle):
        assert parse_resource(str(found)) == found
        assert found.name == found.name.lower()
        assert not {*"/?#@:%\\ "} & {*str(found).replace("@", "", 1)}
    else:
        assert canonical_url(found) == found


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("webfinger")
    world = Fediverse(folder, lambda host: lay_sqlite(folder / f"{host}.db"))
    (red,) = await world(HOST)
    await red.person("ada")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(red.house.web), base_url=f"https://{HOST}"
    ) as client:
        yield client
    await world.close()


@given(st.lists(TEXTS, min_size=1, max_size=3))
@few(100)
async def test_whoever_is_asked_for(server: httpx.AsyncClient, texts: list[str]) -> None:
    """One who is here, or nobody; whatever is asked, and however often in one request."""
    query = urlencode([(name, text) for name in ("resource", "rel") for text in texts])
    answer = await server.get(f"/.well-known/webfinger?{query}")
    assert answer.status_code in {200, 400, 404}, texts
    if answer.status_code == 200:
        assert answer.headers["content-type"] == "application/jrd+json"
        found = answer.json()
        assert found["subject"] in {f"acct:ada@{HOST}", f"acct:{HOST}@{HOST}"}
        assert texts[-1].casefold().find(HOST) >= 0 or texts[0].casefold().find(HOST) >= 0
    else:
        assert answer.content == b""


# the document of another server

TYPES = ["application/activity+json", "text/html", "application/ld+json", 7, None, [], "x/"]
TYPES += ['application/ld+json; profile="https://www.w3.org/ns/activitystreams"']
HREFS = [
    "https://a.example/u/ada",
    "https://b.example/u/ada",
    "http://a.example/u/ada",
    "/u/ada",
    "",
]
HREFS += [
    "javascript:x",
    "https://127.0.0.1/u",
    "https://a.example:444/",
    "https://x@a.example/",
    7,
]
HREFS += [None, ["https://a.example/"], {"@id": "https://a.example/"}, "https://a.example/\0"]
HREFS += ["https://a.example/u/ada#x", "https://a.example/../u", " https://a.example/u/ada"]
LINKS = st.fixed_dictionaries(
    {},
    optional={
        "rel": st.sampled_from(["self", "SELF", 7, ""]),
        "type": st.sampled_from(TYPES),
        "href": st.sampled_from(HREFS),
    },
)
ODD: st.SearchStrategy[Any] = st.none() | st.integers(-9, 9) | st.text(max_size=5) | st.just({})
DOCUMENTS = st.fixed_dictionaries(
    {}, optional={"links": st.lists(LINKS | ODD, max_size=5) | ODD, "subject": ODD, "aliases": ODD}
)
BODIES = DOCUMENTS.map(orjson.dumps) | st.binary(max_size=60) | st.just(b"")


class Answering(httpx.AsyncBaseTransport):
    """Every request gets this answer; `asked` is where they went."""

    def __init__(self, status: int, body: bytes, location: str) -> None:
        self.status, self.body, self.location = status, body, location
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        headers = {"content-type": "application/jrd+json"}
        if self.location:
            headers["location"] = self.location
        return httpx.Response(self.status, headers=headers, stream=httpx.ByteStream(self.body))


@given(
    st.sampled_from([200, 200, 200, 200, 301, 302, 404, 410, 500, 204]),
    BODIES,
    st.sampled_from(["", "https://b.example/x", "http://b.example/", "//c.example", "/y", "\\\\z"]),
)
@few(250)
async def test_any_answer_names_an_actor_or_is_an_error_of_ours(status, body, location) -> None:
    wire = Answering(status, body, location)
    client = Client(wire, user_agent="FedCoP")
    try:
        found = await look_up(client, Handle("ada", "a.example"))
    except FedcopError:
        pass
    else:
        assert canonical_url(found) == found
        assert found.encode() in body
    assert len(wire.asked) <= 4
    for url in wire.asked:
        assert url.startswith("https://")
        assert host_of(url) in {"a.example", "b.example", "c.example"}
