"""Handles are read strictly, and looked up in one place only."""

from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedcop.activitypub.webfinger import Handle, document, look_up, parse_handle, parse_resource
from fedcop.errors import Malformed, NotFound, Unreachable
from fedcop.net.client import Client

pytestmark = pytest.mark.anyio

ALICE = Handle("alice", "a.example")
ASKED = "https://a.example/.well-known/webfinger?resource=acct:alice@a.example"
AP = "application/activity+json"


@pytest.mark.parametrize(
    ("text", "name", "host"),
    [
        ("@alice@a.example", "alice", "a.example"),
        ("!patient-safety@cop.example", "patient-safety", "cop.example"),
        ("acct:alice@a.example", "alice", "a.example"),
        ("ACCT:alice@A.Example", "alice", "a.example"),
        ("alice@a.example", "alice", "a.example"),
        ("Alice_1@a.example", "Alice_1", "a.example"),
        ("a.example@a.example", "a.example", "a.example"),
        ("@alice@münchen.example", "alice", "xn--mnchen-3ya.example"),
    ],
)
def test_every_form_of_a_handle(text: str, name: str, host: str) -> None:
    assert parse_handle(text) == Handle(name, host)
    assert str(parse_handle(text)) == f"{name}@{host}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice",
        "@alice",
        "alice@",
        "@@a.example",
        "@@alice@a.example",
        "!@alice@a.example",
        "acct:@alice@a.example",
        "acct:acct:alice@a.example",
        "alice@@a.example",
        "alice@a.example@b.example",
        "alice@a.example/",
        "alice@a.example/x",
        "alice@a.example?x",
        "alice@a.example#x",
        "alice@a.example:443",
        "alice@a.example:8443",
        "alice@a.example\\x",
        "alice@a.example.",
        "alice@.a.example",
        "alice@a..example",
        "alice@a.exam\tple",
        "alice@a.example\n",
        " alice@a.example",
        "alice @a.example",
        "al\tice@a.example",
        "alice/x@a.example",
        "alice&resource=x@a.example",
        "alice%40b@a.example",
        "ａlice@a.example",
        "алиса@a.example",
        "al\u200bice@a.example",
        "alice@\uff41.example",
        "alice@a\u3002example",
        "alice@a\u202e.example",
        "alice@127.0.0.1",
        "alice@2130706433",
        "alice@[::1]",
        "alice@localhost",
        "alice@①②⑦.⓪.⓪.①",
        "a" * 129 + "@a.example",
        "alice@" + "a." * 130 + "example",
        ".alice@a.example",
        "alice.@a.example",
        "https://a.example/@alice",
    ],
)
def test_what_is_no_handle(text: str) -> None:
    with pytest.raises(Malformed):
        parse_handle(text)


@settings(deadline=None)
@given(st.text(max_size=40) | st.from_regex(r"\A[@!]?[a-z.]{1,5}@[a-zA-Z0-9.:#/é-]{1,12}\Z"))
def test_a_handle_is_read_back_as_itself(text: str) -> None:
    try:
        handle = parse_handle(text)
    except Malformed:
        return
    assert parse_handle(f"@{handle}") == handle
    url = httpx.URL(f"https://{handle.host}/.well-known/webfinger?resource=acct:{handle}")
    assert (url.raw_host.decode(), url.port) == (handle.host, None)
    assert url.path == "/.well-known/webfinger"
    assert url.params["resource"] == f"acct:{handle}"


def test_ports_only_in_development() -> None:
    handle = parse_handle("@alice@a.localhost:8001", development=True)
    assert handle == Handle("alice", "a.localhost:8001")


def test_what_is_asked_of_us() -> None:
    assert parse_resource("acct:Patient-Safety@Cop.Example") == Handle(
        "patient-safety", "cop.example"
    )
    assert parse_resource("alice@cop.example") == Handle("alice", "cop.example")
    assert parse_resource("acct:cop.example@cop.example") == Handle("cop.example", "cop.example")
    assert parse_resource("https://Cop.example/c/x") == "https://cop.example/c/x"
    assert parse_resource("https://cop.example/") == "https://cop.example/"
    local = "http://cop.localhost:8000/c/x"
    assert parse_resource(local, development=True) == local
    for bad in ("", "x", "http://cop.example/", "https://cop.example/#x", "mailto:a@cop.example"):
        with pytest.raises(Malformed):
            parse_resource(bad)


def test_our_answer() -> None:
    uri = "https://cop.example/c/patient-safety"
    found = document(
        "acct:patient-safety@cop.example",
        uri,
        uri,
        "Group",
        "https://cop.example/authorize_interaction?uri={uri}",
    )
    assert found == {
        "subject": "acct:patient-safety@cop.example",
        "aliases": [uri],
        "links": [
            {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": uri},
            {
                "rel": "self",
                "type": AP,
                "href": uri,
                "properties": {"https://www.w3.org/ns/activitystreams#type": "Group"},
            },
            {
                "rel": "http://ostatus.org/schema/1.0/subscribe",
                "template": "https://cop.example/authorize_interaction?uri={uri}",
            },
        ],
    }
    person = document("acct:x@cop.example", "https://c/u/x", "https://c/@x", "Person", "")
    assert person["aliases"] == ["https://c/u/x", "https://c/@x"]


def _client(asked: list[str], *answers: httpx.Response) -> Client:
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        assert request.headers["accept"] == "application/jrd+json, application/json"
        return left.pop(0)

    return Client(httpx.MockTransport(answer), user_agent="x")


def _jrd(*links: Any) -> httpx.Response:
    return httpx.Response(200, content=orjson.dumps({"subject": "x", "links": list(links)}))


SELF = {"rel": "self", "type": AP, "href": "https://a.example/u/alice"}


@pytest.mark.parametrize(
    "before",
    [
        [],
        [{"rel": "self", "type": "text/html", "href": "https://a.example/x"}],
        [{"rel": "http://webfinger.net/rel/profile-page", "type": AP, "href": "https://x.example"}],
        [{"rel": "self", "href": "https://a.example/x"}, "x", None, [], {}],
        [{"rel": "self", "type": AP, "href": 7}, {"rel": "self", "type": 7, "href": "x"}],
        [{"rel": "self", "type": "application/ld+json", "href": "https://a.example/x"}],
    ],
)
async def test_the_first_link_to_an_actor_counts(before: list[Any]) -> None:
    asked: list[str] = []
    second = SELF | {"href": "https://a.example/c/alice"}
    client = _client(asked, _jrd(*before, SELF, second))
    assert await look_up(client, ALICE) == "https://a.example/u/alice"
    assert asked == [ASKED]


async def test_the_other_media_type_counts_too() -> None:
    profile = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
    assert await look_up(_client([], _jrd(SELF | {"type": profile})), ALICE)


async def test_a_redirect_is_followed() -> None:
    asked: list[str] = []
    there = "https://social.a.example/.well-known/webfinger?resource=acct:alice@a.example"
    moved = httpx.Response(301, headers={"Location": there})
    assert await look_up(_client(asked, moved, _jrd(SELF)), ALICE)
    assert asked == [ASKED, there]


async def test_in_development_it_is_asked_over_http() -> None:
    asked: list[str] = []
    href = "http://b.localhost:8002/u/alice"
    client = _client(asked, _jrd(SELF | {"href": href}))
    assert await look_up(client, Handle("alice", "b.localhost:8002"), development=True) == href
    assert asked == [
        "http://b.localhost:8002/.well-known/webfinger?resource=acct:alice@b.localhost:8002"
    ]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda: httpx.Response(404), NotFound),
        (lambda: httpx.Response(410), NotFound),
        (lambda: httpx.Response(401), NotFound),
        (lambda: httpx.Response(400), NotFound),
        (lambda: httpx.Response(200, content=b""), NotFound),
        (lambda: httpx.Response(200, content=b" \n"), NotFound),
        (lambda: httpx.Response(200, content=b"{}"), NotFound),
        (lambda: httpx.Response(200, content=b'{"links":{}}'), NotFound),
        (lambda: _jrd(SELF | {"type": "text/html"}), NotFound),
        (lambda: _jrd(SELF | {"href": "http://a.example/"}), Malformed),
        (lambda: _jrd(SELF | {"href": "https://10.0.0.1/"}), Malformed),
        (lambda: httpx.Response(200, content=b"<html>"), Malformed),
        (lambda: httpx.Response(302, headers={"Location": "https://127.0.0.1/"}), Malformed),
        (lambda: httpx.Response(500), Unreachable),
        (lambda: httpx.Response(429), Unreachable),
    ],
)
async def test_nobody_to_be_found(answer: Any, error: type[Exception]) -> None:
    asked: list[str] = []
    with pytest.raises(error):
        await look_up(_client(asked, answer()), ALICE)
    assert asked == [ASKED]
