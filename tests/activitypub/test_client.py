"""Documents are believed only under their own ids, and each fetch is signed for its target."""

import asyncio
import re

import httpx
import orjson
import pytest

from fedcop.activitypub.client import ActivityPubClient
from fedcop.activitypub.signatures.keys import PrivateKey
from fedcop.errors import (
    FedcopError,
    Gone,
    Malformed,
    NotAllowed,
    NotFound,
    TooLarge,
    Unreachable,
)
from fedcop.net.client import Client
from tests.activitypub.peers import AP, Net

pytestmark = pytest.mark.anyio

A = "https://a.example"
B = "https://b.example"
NOTE = f"{A}/note/1"


async def test_a_document_under_its_id(net: Net, ours: ActivityPubClient, key: PrivateKey) -> None:
    net.document(NOTE, content="hello")
    found = await ours.get(NOTE, key)
    assert found.uri == NOTE
    assert found.json["content"] == "hello"
    assert orjson.loads(found.body) == found.json
    [request] = net.asked
    assert request.headers["accept"] == (
        "application/activity+json, "
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
    )
    assert request.headers["host"] == "a.example"
    assert re.fullmatch(
        r'keyId="https://cop\.example/#main-key",algorithm="hs2019",'
        r'headers="\(request-target\) host date",signature="[^"]+"',
        request.headers["signature"],
    )


async def test_without_a_key_nothing_is_signed(net: Net, ours: ActivityPubClient) -> None:
    net.document(NOTE)
    assert (await ours.get(NOTE, None)).uri == NOTE
    assert "signature" not in net.asked[0].headers


async def test_the_fragment_of_a_key_is_not_sent(net: Net, ours: ActivityPubClient) -> None:
    net.document(f"{A}/u/alice")
    assert (await ours.get(f"{A}/u/alice#main-key", None)).uri == f"{A}/u/alice"
    assert net.urls == [f"{A}/u/alice"]


@pytest.mark.parametrize(
    "type",
    [
        AP,
        "Application/Activity+JSON; charset=UTF-8",
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
        'application/ld+json;charset=utf-8;PROFILE="https://www.w3.org/ns/activitystreams"',
        "application/ld+json; profile=https://www.w3.org/ns/activitystreams",
        'application/ld+json; profile="http://x.example/ https://www.w3.org/ns/activitystreams"',
    ],
)
async def test_both_media_types_in_every_spelling(
    type: str, net: Net, ours: ActivityPubClient
) -> None:
    net.document(NOTE, type=type)
    assert (await ours.get(NOTE, None)).uri == NOTE


@pytest.mark.parametrize(
    "type",
    [
        "",
        "text/plain",
        "text/html",
        "application/json",
        "image/png",
        "application/ld+json",
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams-x"',
        'application/ld+json; x="; profile=https://www.w3.org/ns/activitystreams"',
        "text/plain; application/activity+json",
        "application/activity+json, text/html",
    ],
)
async def test_every_other_media_type_is_dropped(
    type: str, net: Net, ours: ActivityPubClient
) -> None:
    net.document(NOTE, type=type)
    with pytest.raises(Malformed):
        await ours.get(NOTE, None)


@pytest.mark.parametrize("id", [7, [], {}, [NOTE], "", "/note/1", "urn:x", f"{NOTE}#x", False])
async def test_an_id_is_a_url_and_nothing_else(
    id: object, net: Net, ours: ActivityPubClient
) -> None:
    net.document(NOTE, id=id)
    with pytest.raises(Malformed):
        await ours.get(NOTE, None)
    assert len(net.asked) == 1


async def test_a_document_without_id_or_json(net: Net, ours: ActivityPubClient) -> None:
    for body in (b"{}", b"[]", b"", b"<html>", b'{"id":"x","id":"y"}'):
        net.at(NOTE, body=body, content_type=AP)
        with pytest.raises(Malformed):
            await ours.get(NOTE, None)


@pytest.mark.parametrize("elsewhere", [f"{A}/note/2", f"{B}/note/1"])
async def test_another_id_is_read_once_more_where_it_lives(
    elsewhere: str, net: Net, ours: ActivityPubClient
) -> None:
    net.document(f"{A}/@alice/1", id=elsewhere, content="hearsay")
    net.document(elsewhere, content="true")
    found = await ours.get(f"{A}/@alice/1", None)
    assert (found.uri, found.json["content"]) == (elsewhere, "true")
    assert net.urls == [f"{A}/@alice/1", elsewhere]


async def test_an_id_that_does_not_stand_by_itself_is_refused(
    net: Net, ours: ActivityPubClient
) -> None:
    net.document(f"{A}/1", id=f"{B}/1")
    with pytest.raises(NotFound):
        await ours.get(f"{A}/1", None)
    net.document(f"{B}/1", id=f"{A}/1")
    with pytest.raises(Malformed):
        await ours.get(f"{A}/1", None)
    assert len(net.asked) == 4


async def test_an_open_redirect_speaks_for_nobody(net: Net, ours: ActivityPubClient) -> None:
    """CVE-2025-25306: victim.example/redirect?to=mallory answers with the victim's id."""
    net.at(f"{A}/go", 302, location=f"{B}/forged")
    net.document(f"{B}/forged", id=f"{A}/go", content="forged")
    with pytest.raises(Malformed):
        await ours.get(f"{A}/go", None)
    net.document(f"{B}/forged", id=NOTE, content="forged")
    net.document(NOTE, content="true")
    assert (await ours.get(f"{A}/go", None)).json["content"] == "true"


async def test_redirects_are_signed_for_their_target(
    net: Net, ours: ActivityPubClient, key: PrivateKey
) -> None:
    net.at(f"{A}/1", 301, location="/2")
    net.at(f"{A}/2", 307, location=f"{B}/3")
    net.document(f"{B}/3")
    assert (await ours.get(f"{A}/1", key)).uri == f"{B}/3"
    assert [r.headers["host"] for r in net.asked] == ["a.example", "a.example", "b.example"]
    assert len({r.headers["signature"] for r in net.asked}) == 3


async def test_at_most_three_redirects(net: Net, ours: ActivityPubClient) -> None:
    for n in range(5):
        net.at(f"{A}/{n}", 302, location=f"/{n + 1}")
    with pytest.raises(Malformed):
        await ours.get(f"{A}/0", None)
    assert len(net.asked) == 4


@pytest.mark.parametrize(
    "target", ["http://a.example/1", "https://127.0.0.1/", "https://a.example:8/"]
)
async def test_redirects_out_of_bounds_are_not_asked(
    target: str, net: Net, ours: ActivityPubClient
) -> None:
    net.at(NOTE, 302, location=target)
    with pytest.raises(Malformed):
        await ours.get(NOTE, None)
    assert len(net.asked) == 1


@pytest.mark.parametrize("uri", ["http://a.example/", "https://10.0.0.1/", "file:///x", "", "x"])
async def test_what_is_no_url_is_not_asked(uri: str, net: Net, ours: ActivityPubClient) -> None:
    with pytest.raises(Malformed):
        await ours.get(uri, None)
    assert not net.asked


async def test_in_development_plain_http_is_fine(net: Net) -> None:
    net.document("http://a.localhost:8001/c/x")
    client = Client(httpx.MockTransport(net.answer), user_agent="x")
    ours = ActivityPubClient(client, development=True)
    assert (await ours.get("http://a.localhost:8001/c/x", None)).json["type"] == "Note"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (201, Malformed),
        (204, Malformed),
        (304, Malformed),
        (400, NotFound),
        (401, NotAllowed),
        (403, NotAllowed),
        (404, NotFound),
        (406, NotFound),
        (408, Unreachable),
        (410, Gone),
        (418, NotFound),
        (429, Unreachable),
        (500, Unreachable),
        (503, Unreachable),
    ],
)
async def test_what_a_status_means(
    status: int, error: type[FedcopError], net: Net, ours: ActivityPubClient, key: PrivateKey
) -> None:
    net.at(NOTE, status, {"id": NOTE}, content_type=AP)
    for signer in (None, key):
        with pytest.raises(error):
            await ours.get(NOTE, signer)


async def test_a_wait_is_passed_on(net: Net, ours: ActivityPubClient) -> None:
    net.at(NOTE, 429, retry_after="120")
    with pytest.raises(Unreachable) as caught:
        await ours.get(NOTE, None)
    assert caught.value.after == 120
    net.at(NOTE, 503)
    with pytest.raises(Unreachable) as caught:
        await ours.get(NOTE, None)
    assert caught.value.after == 30


async def test_a_tombstone_is_gone(net: Net, ours: ActivityPubClient) -> None:
    net.at(NOTE, body={"id": NOTE, "type": "Tombstone"}, content_type=AP)
    with pytest.raises(Gone):
        await ours.get(NOTE, None)


async def test_too_large_is_too_large(net: Net, ours: ActivityPubClient) -> None:
    net.document(NOTE, content="x" * (1 << 20))
    with pytest.raises(TooLarge):
        await ours.get(NOTE, None)


async def test_the_deadline_is_for_all_hops(net: Net) -> None:
    async def slow(request: httpx.Request) -> httpx.Response:
        net.asked.append(request)
        if request.url.path == "/1":
            await asyncio.Event().wait()
        return httpx.Response(302, headers={"Location": "/1"})

    client = ActivityPubClient(Client(httpx.MockTransport(slow), user_agent="x"))
    with pytest.raises(Unreachable):
        await client.get(f"{A}/0", None, deadline=0.1)
    assert len(net.asked) == 2


@pytest.mark.parametrize("no", [400, 401, 403])
async def test_a_fetch_knocks_twice_and_remembers(
    no: int, net: Net, ours: ActivityPubClient, key: PrivateKey
) -> None:
    def page(request: httpx.Request) -> httpx.Response:
        if "signature-input" not in request.headers:
            return httpx.Response(no)
        return httpx.Response(200, content=orjson.dumps({"id": NOTE}), headers={"Content-Type": AP})

    net.pages[NOTE] = page
    await ours.get(NOTE, key)
    await ours.get(NOTE, key)
    assert net.specs == ["cavage", "rfc9421", "rfc9421"]
    assert "content-digest" not in net.asked[1].headers
    net.document(NOTE)
    net.at(NOTE, no)
    with pytest.raises((NotAllowed, NotFound)):
        await ours.get(NOTE, key)
    assert net.specs[3:] == ["rfc9421", "cavage"]
