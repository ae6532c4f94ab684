"""What comes to an inbox is handed on as it was on the wire."""

import httpx
import pytest
from structlog.testing import capture_logs

from fedcop.errors import TooMany, Unproved, Unreachable
from fedcop.metrics import Metrics
from fedcop.uris import Uris
from fedcop.web.federation.inbox import InboxDoor

pytestmark = pytest.mark.anyio
AS2 = "application/activity+json"


class Receiver:
    """Keeps what it is handed; answers with `error`, if there is one."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.got = []

    async def receive(self, request, content_type) -> None:
        self.got.append((request, content_type))
        if self.error is not None:
            raise self.error


def _client(receiver) -> httpx.AsyncClient:
    door = InboxDoor(receiver, Uris("red.test"), Metrics())
    transport = httpx.ASGITransport(door)
    return httpx.AsyncClient(transport=transport, base_url="https://red.test")


async def test_the_request_is_the_one_of_the_wire():
    receiver = Receiver()
    headers = [
        ("Host", "red.test"),
        ("Content-Type", AS2),
        ("X-One", "first"),
        ("Signature", 'keyId="k"'),
        ("X-One", "second"),
        ("X-Name", "Zoë".encode("latin-1")),
    ]
    async with _client(receiver) as http:
        answer = await http.post(
            "/u/ada/%69nbox?a=%20b&a=c", headers=headers, content=b'{"a": 1}\n'
        )
    assert (answer.status_code, answer.content) == (202, b"")
    ((request, content_type),) = receiver.got
    assert content_type == AS2
    assert request.method == "POST"
    assert request.target == "/u/ada/%69nbox?a=%20b&a=c"
    assert (request.scheme, request.authority) == ("https", "red.test")
    assert request.body == b'{"a": 1}\n'
    assert request.all("x-one") == ["first", "second"]
    assert request.one("x-name") == "Zoë"
    names = [name for name, _ in request.headers]
    assert names.index("content-type") < names.index("signature")


@pytest.mark.parametrize(
    ("error", "status", "after"),
    [
        (Unproved("no signature"), 401, None),
        (TooMany("slowly", 60), 429, "60"),
        (Unreachable("the host of the key does not answer", 30), 503, "30"),
    ],
)
async def test_a_refusal_says_its_status_and_when_to_come_again(error, status, after):
    async with _client(Receiver(error)) as http:
        answer = await http.post("/inbox", headers={"Content-Type": AS2}, content=b"{}")
    assert answer.status_code == status
    assert answer.headers.get("retry-after") == after
    assert answer.json()["error"] == str(error)


async def test_a_body_is_read_no_further_than_the_limit():
    receiver = Receiver()

    async def endless():
        for _ in range(40):
            yield b"x" * 65_536

    async with _client(receiver) as http:
        answer = await http.post("/inbox", headers={"Content-Type": AS2}, content=endless())
    assert answer.status_code == 413
    assert receiver.got == []


async def test_every_inbox_is_a_door(own_door):
    for path in ("/inbox", "/u/ada/inbox", "/c/gardeners/inbox"):
        answer = await own_door.http.post(path, headers={"Content-Type": AS2}, content=b"{}")
        assert answer.status_code == 400, path
        assert answer.headers["content-type"] == AS2
    assert 'fedcop_inbox_received_total{status="400"} 3.0' in (
        own_door.server.house.app.metrics.text().decode()
    )


async def test_what_was_answered_is_logged_in_sums():
    receiver = Receiver()
    door = InboxDoor(receiver, Uris("red.test"), Metrics())
    headers = {"Content-Type": AS2, "Signature": 'keyId="https://one.test/u/bob#main-key"'}
    http = httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="https://red.test")
    unproved = Unproved("no signature")
    with capture_logs() as logged:
        async with http:
            for receiver.error in (None, None, unproved, unproved, RuntimeError("a mistake")):
                answer = await http.post("/inbox", headers=headers, content=b"{}")
                assert answer.headers.get("retry-after") in {None, "30"}
        door.tally.tell()
        door.tally.tell()
    assert [(line["event"], line.get("status"), line.get("many")) for line in logged] == [
        ("unexpected", None, None),
        ("accepted", 202, 2),
        ("refused", 401, 2),
        ("refused", 503, 1),
    ]
    assert (logged[2]["claims"], logged[2]["error"]) == ("one.test", "Unproved: no signature")


async def test_another_name_is_misdirected_and_reading_is_not_allowed(own_door):
    sent = {"Content-Type": AS2, "Host": "blue.test"}
    assert (await own_door.http.post("/inbox", headers=sent, content=b"{}")).status_code == 421
    for path in ("/inbox", "/u/ada/inbox"):
        answer = await own_door.http.get(path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
