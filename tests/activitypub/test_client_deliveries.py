"""A delivery is signed so that each peer reads it, and goes nowhere but to its inbox."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from fedcop.activitypub.client import ActivityPubClient, retry_after
from fedcop.activitypub.signatures.keys import PrivateKey
from fedcop.errors import Malformed, Unreachable
from fedcop.net.client import Client
from tests.activitypub.peers import AP, Net

pytestmark = pytest.mark.anyio

A = "https://a.example"
B = "https://b.example"
INBOX = f"{A}/inbox"


async def test_a_delivery_as_every_peer_reads_it(
    net: Net, ours: ActivityPubClient, key: PrivateKey
) -> None:
    net.at(INBOX, 202)
    done = await ours.post(INBOX, b'{"type":"Like"}', key)
    assert (done.status, done.spec, done.retry_after) == (202, "cavage", None)
    [request] = net.asked
    assert request.method == "POST"
    assert request.content == b'{"type":"Like"}'
    assert request.headers["content-type"] == AP
    assert request.headers["user-agent"] == "FedCoP/test"
    assert request.headers["digest"].startswith("SHA-256=")
    assert (
        'headers="(request-target) host date digest content-type"' in request.headers["signature"]
    )


async def test_it_begins_with_the_signature_that_is_known(
    net: Net, ours: ActivityPubClient, key: PrivateKey
) -> None:
    net.at(INBOX, 202)
    assert (await ours.post(INBOX, b"{}", key, spec="rfc9421")).spec == "rfc9421"
    assert net.specs == ["rfc9421"]
    assert "digest" not in net.asked[0].headers
    assert "content-digest" in net.asked[0].headers


_ASK = {"Accept-Signature": 'sig1=("@method");created'}


@pytest.mark.parametrize(
    "case",
    [
        ("cavage", [(401, {}), (202, {})], ["cavage", "rfc9421"], 202, "rfc9421"),
        ("cavage", [(400, {}), (200, {})], ["cavage", "rfc9421"], 200, "rfc9421"),
        ("rfc9421", [(401, {}), (202, {})], ["rfc9421", "cavage"], 202, "cavage"),
        ("cavage", [(401, {}), (400, {})], ["cavage", "rfc9421"], 401, "cavage"),
        ("cavage", [(401, {}), (503, {})], ["cavage", "rfc9421"], 503, "cavage"),
        ("cavage", [(401, {}), (410, {})], ["cavage", "rfc9421"], 410, "cavage"),
        ("cavage", [(403, {})], ["cavage"], 403, "cavage"),
        ("cavage", [(404, {})], ["cavage"], 404, "cavage"),
        ("cavage", [(503, {})], ["cavage"], 503, "cavage"),
        ("cavage", [(202, _ASK)], ["cavage"], 202, "rfc9421"),
        ("cavage", [(401, _ASK), (202, {})], ["cavage", "rfc9421"], 202, "rfc9421"),
        ("rfc9421", [(401, _ASK)], ["rfc9421"], 401, "rfc9421"),
    ],
)
async def test_the_second_knock(
    case: tuple[str, list[tuple[int, dict[str, str]]], list[str], int, str],
    net: Net,
    ours: ActivityPubClient,
    key: PrivateKey,
) -> None:
    """Begin with a spec, and then: the answers, the specs asked, the status and spec in the end."""
    begin, answers, asked, status, spec = case
    net.script(INBOX, *answers)
    done = await ours.post(INBOX, b"{}", key, spec=begin)
    assert (done.status, done.spec) == (status, spec)
    assert net.specs == asked


async def test_a_delivery_says_how_long_to_wait(
    net: Net, ours: ActivityPubClient, key: PrivateKey
) -> None:
    net.at(INBOX, 429, retry_after="77")
    assert (await ours.post(INBOX, b"{}", key)).retry_after == 77


@pytest.mark.parametrize("status", [307, 308])
async def test_a_delivery_is_moved_once_within_its_host(
    status: int, net: Net, ours: ActivityPubClient, key: PrivateKey
) -> None:
    net.at(INBOX, status, location="/in")
    net.at(f"{A}/in", 202)
    assert (await ours.post(INBOX, b"{}", key)).status == 202
    assert net.urls == [INBOX, f"{A}/in"]
    assert {request.method for request in net.asked} == {"POST"}
    assert net.asked[0].headers["signature"] != net.asked[1].headers["signature"]
    net.at(f"{A}/in", status, location="/in2")
    assert (await ours.post(INBOX, b"{}", key)).status == status


@pytest.mark.parametrize(
    ("status", "location"),
    [
        (301, "/in"),
        (302, "/in"),
        (303, "/in"),
        (307, f"{B}/in"),
        (308, "http://a.example/in"),
        (307, ""),
    ],
)
async def test_a_delivery_goes_nowhere_else(
    status: int, location: str, net: Net, ours: ActivityPubClient, key: PrivateKey
) -> None:
    net.at(INBOX, status, location=location)
    assert (await ours.post(INBOX, b"{}", key)).status == status
    assert len(net.asked) == 1


@pytest.mark.parametrize("inbox", ["javascript:alert(1)", "http://a.example/", "https://10.0.0.1/"])
async def test_an_inbox_has_to_be_a_url(
    inbox: str, net: Net, ours: ActivityPubClient, key: PrivateKey
) -> None:
    with pytest.raises(Malformed):
        await ours.post(inbox, b"{}", key)
    assert not net.asked


async def test_a_delivery_to_nobody_is_unreachable(net: Net, key: PrivateKey) -> None:
    def nobody(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody")

    ours = ActivityPubClient(Client(httpx.MockTransport(nobody), user_agent="x"))
    with pytest.raises(Unreachable):
        await ours.post(INBOX, b"{}", key)


def test_the_forms_of_retry_after() -> None:
    def wait(text: str) -> int | None:
        return retry_after({"retry-after": text})

    assert retry_after({}) is None
    assert wait("") is None
    assert wait("soon") is None
    assert wait("-5") is None
    assert wait("0") == 0
    assert wait(" 15 ") == 15
    assert wait("9" * 5000) == 24 * 3600
    assert wait("²") is None
    later = datetime.now(UTC) + timedelta(hours=1)
    found = wait(format_datetime(later, usegmt=True))
    assert found is not None
    assert 3590 <= found <= 3601
    assert wait("Sun, 06 Nov 1994 08:49:37 GMT") == 0
    assert wait("Sun, 06 Nov 1994 08:49:37 -0000") == 0
