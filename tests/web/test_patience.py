"""A connection that does not say what it wants is closed; one that does is not."""

import asyncio

import pytest
import uvicorn
from uvicorn.server import ServerState

from fedcop.web import patience
from fedcop.web.patience import PatientProtocol

pytestmark = pytest.mark.anyio
_HEAD = b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\n"


async def _app(scope, receive, send):
    body, more = b"", True
    while more and scope["path"] != "/early":
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message.get("body", b""), message.get("more_body", False)
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def port(monkeypatch):
    """Where a server listens that waits half a second."""
    monkeypatch.setattr(patience, "REQUEST_SECONDS", 0.5)
    config = uvicorn.Config(_app, lifespan="off", log_config=None)
    config.load()
    state = ServerState()

    def protocol():
        return PatientProtocol(config=config, server_state=state, app_state={})

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _answers(port, *parts):
    """Everything that comes back until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0.05)
    async with asyncio.timeout(20):
        found = await reader.read()
    writer.close()
    return found


@pytest.mark.parametrize(
    "parts", [(), (b"GET",), (b"GET / HTTP/1.1\r\n", b"Host: a"), (_HEAD,), (_HEAD, b"12345")]
)
async def test_what_does_not_come_to_its_end_is_answered_408(port, parts):
    assert (await _answers(port, *parts)).startswith(b"HTTP/1.1 408 ")


async def test_after_an_early_answer_nothing_is_added_to_it(port):
    found = await _answers(port, _HEAD.replace(b" / ", b" /early "), b"12345")
    assert found.startswith(b"HTTP/1.1 200 ")
    assert b"408" not in found


async def test_what_comes_in_parts_is_answered_and_the_next_one_waited_for(port):
    whole = _HEAD.replace(b"10", b"2")
    found = await _answers(port, whole[:20], whole[20:], b"ab", whole + b"cd", b"GET /")
    assert found.count(b"HTTP/1.1 200 ") == 2
    assert b"ab" in found
    assert b"cd" in found
    assert found.count(b"HTTP/1.1 408 ") == 1
