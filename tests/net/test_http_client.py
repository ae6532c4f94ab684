"""One request has one answer, within its time and its size, over real sockets."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from fedcop.errors import Malformed, TooLarge, Unreachable
from fedcop.metrics import Metrics
from fedcop.net.client import Client
from fedcop.net.transport import AiohttpTransport

pytestmark = pytest.mark.anyio

Serve = Callable[..., Awaitable[Any]]
SHORT = 0.3


async def test_an_answer_with_its_headers(client: Client, serve: Serve, answering: Any) -> None:
    peer = await serve(answering("X-One: 1", "x-one: 2", "Content-Type: Text/Plain", body=b"hi"))
    answer = await client.send("GET", peer.url("/x"), {"Accept": "a/b"})
    assert (answer.status, answer.body, answer.url) == (200, b"hi", peer.url("/x"))
    assert answer.headers["x-one"] == "1, 2"
    assert answer.headers["content-type"] == "Text/Plain"
    sent = peer.requests[0].decode()
    assert "Accept: a/b\r\n" in sent
    assert "Accept-Encoding: identity\r\n" in sent
    assert "User-Agent: FedCoP/test (+https://cop.example/)\r\n" in sent


async def test_a_post_carries_its_body(client: Client, serve: Serve, answering: Any) -> None:
    peer = await serve(answering(status="202 Accepted"))
    answer = await client.send("POST", peer.url("/inbox"), {"Content-Type": "x/y"}, b'{"a":1}')
    assert answer.status == 202
    assert peer.requests[0].endswith(b'\r\n\r\n{"a":1}')


async def test_redirects_are_answers(client: Client, serve: Serve, answering: Any) -> None:
    peer = await serve(answering("Location: http://127.0.0.1:1/", status="302 Found"))
    answer = await client.send("GET", peer.url(), {})
    assert (answer.status, answer.headers["location"]) == (302, "http://127.0.0.1:1/")
    assert len(peer.requests) == 1


async def test_the_limit_is_counted_to_the_byte(
    client: Client, serve: Serve, answering: Any
) -> None:
    peer = await serve(answering(body=b"x" * 1000))
    assert len((await client.send("GET", peer.url(), {}, limit=1000)).body) == 1000
    with pytest.raises(TooLarge, match="999 bytes"):
        await client.send("GET", peer.url(), {}, limit=999)


@pytest.mark.parametrize("head", ["Transfer-Encoding: chunked", "Content-Length: 99999999999"])
async def test_a_body_without_end_is_cut(head: str, client: Client, serve: Serve) -> None:
    sent = 0

    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode())
        block = b"x" * 0x4000
        if "chunked" in head:
            block = b"4000\r\n" + block + b"\r\n"
        while not writer.is_closing():
            writer.write(block)
            sent += len(block)
            await writer.drain()

    peer = await serve(script)
    with pytest.raises(TooLarge):
        await client.send("GET", peer.url(), {}, limit=1 << 16)
    assert sent < 64 << 20


async def test_a_compressed_answer_is_refused(client: Client, serve: Serve, answering: Any) -> None:
    bomb = gzip.compress(b"\0" * (1 << 20))
    peer = await serve(answering("Content-Encoding: gzip", body=bomb))
    with pytest.raises(Malformed, match="compressed"):
        await client.send("GET", peer.url(), {})
    fine = await serve(answering("Content-Encoding: identity", body=b"plain"))
    assert (await client.send("GET", fine.url(), {})).body == b"plain"


async def test_a_server_that_hangs_is_unreachable(client: Client, serve: Serve) -> None:
    hanging = asyncio.Event()

    async def script(_request: bytes, _writer: asyncio.StreamWriter) -> None:
        await hanging.wait()

    peer = await serve(script)
    for method in ("GET", "POST"):
        with pytest.raises(Unreachable):
            await client.send(method, peer.url(), {}, deadline=SHORT)
    assert len(peer.requests) == 2


async def test_a_body_that_trickles_meets_the_deadline(client: Client, serve: Serve) -> None:
    drops = 0

    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal drops
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            drops += 1
            await writer.drain()
            await asyncio.sleep(SHORT / 10)  # the attack itself

    peer = await serve(script)
    with pytest.raises(Unreachable):
        await client.send("GET", peer.url(), {}, deadline=SHORT)
    assert 1 <= drops < 1000


@pytest.mark.parametrize("status", ["404 Not Found", "202 Accepted"])
@pytest.mark.parametrize("trouble", ["slow", "cut", "encoded", "long"])
async def test_a_status_counts_whatever_comes_of_the_body(
    trouble: str, status: str, client: Client, serve: Serve
) -> None:
    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status}\r\n"
        encoding = "Content-Encoding: gzip\r\n" if trouble == "encoded" else ""
        length = 10 if trouble == "encoded" else 1 << 20
        writer.write(f"{head}{encoding}Content-Length: {length}\r\n\r\n0123456789".encode())
        if trouble == "long":
            writer.write(b"x" * (1 << 20))
        if trouble == "cut":
            writer.close()
        if trouble == "slow":
            await peer.released.wait()

    peer = await serve(script)
    answer = await client.send(
        "GET" if status.startswith("404") else "POST",
        peer.url(),
        {},
        deadline=SHORT,
        status_only=status.startswith("202"),
    )
    assert answer.status == int(status[:3])
    assert answer.body[:10] == (b"" if trouble == "encoded" else b"0123456789")
    assert len(answer.body) <= 1 << 16


async def test_nothing_tells_a_refused_address_from_an_absent_server(guarded: Any) -> None:
    client = Client(guarded(), user_agent="x")
    texts: set[str] = set()
    for cause in (httpx.ConnectError("refused"), httpx.ReadError("cut"), TimeoutError()):

        def fail(request: httpx.Request, cause: Exception = cause) -> httpx.Response:
            raise cause

        other = Client(httpx.MockTransport(fail), user_agent="x")
        with pytest.raises(Unreachable) as caught:
            await other.send("GET", "http://127.0.0.1:1/", {})
        texts.add(str(caught.value))
    with pytest.raises(Unreachable) as caught:
        await client.send("GET", "http://127.0.0.1:1/", {})
    texts.add(str(caught.value))
    assert len(texts) == 1


async def test_at_most_four_fetches_at_a_host_at_a_time() -> None:
    here = 0
    most = 0
    asked = asyncio.Event()
    release = asyncio.Event()

    async def handle(request: httpx.Request) -> httpx.Response:
        nonlocal here, most
        here += 1
        most = max(most, here)
        if here == 5:
            asked.set()
        if request.url.host == "a.example":
            await release.wait()
        here -= 1
        return httpx.Response(200, content=b"")

    client = Client(httpx.MockTransport(handle), user_agent="x")
    first = [asyncio.create_task(client.send("GET", "https://a.example/", {})) for _ in range(9)]
    posted = asyncio.create_task(client.send("POST", "https://a.example/", {}, b""))
    await asyncio.wait_for(asked.wait(), 5)
    assert (await client.send("GET", "https://b.example/", {})).status == 200
    with pytest.raises(Unreachable):
        await client.send("GET", "https://a.example/", {}, deadline=0.05)
    release.set()
    await asyncio.gather(*first, posted)
    assert most == 6  # four fetches and a delivery there, and one fetch elsewhere
    assert len(client._origins) == 0


async def test_fetches_are_counted_by_outcome(serve: Serve, answering: Any) -> None:
    metrics = Metrics()
    transport = AiohttpTransport(allow_private=True)
    client = Client(transport, user_agent="x", metrics=metrics)
    peer = await serve(answering(body=b"12345"))
    await client.send("GET", peer.url(), {})
    await client.send("POST", peer.url(), {}, b"")
    with pytest.raises(TooLarge):
        await client.send("GET", peer.url(), {}, limit=4)
    await client.aclose()
    text = metrics.text().decode()
    assert 'fedcop_fetches_total{outcome="answered"} 1.0' in text
    assert 'fedcop_fetches_total{outcome="toolarge"} 1.0' in text


async def test_no_url_is_malformed(client: Client) -> None:
    with pytest.raises(Malformed):
        await client.send("GET", "https://a.example/\x00", {})


async def test_a_whole_server_can_stand_behind_the_seam() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        await send({"type": "http.response.start", "status": 202, "headers": []})
        await send({"type": "http.response.body", "body": message["body"]})

    client = Client(httpx.ASGITransport(app), user_agent="x")
    answer = await client.send("POST", "https://b.example/inbox", {}, b"echo")
    assert (answer.status, answer.body) == (202, b"echo")
