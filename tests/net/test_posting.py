"""A delivery over real sockets: signed when its connection is there, whatever comes of the body."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fedcop.errors import Malformed, Unreachable
from fedcop.net.client import Client
from fedcop.net.transport import AiohttpTransport

pytestmark = pytest.mark.anyio

Serve = Callable[..., Awaitable[Any]]


def soon(seconds: float = 20.0) -> float:
    return asyncio.get_running_loop().time() + seconds


def fields() -> dict[str, str]:
    return {"Host": "peer.example", "Date": "now"}


async def test_it_goes_out_as_it_is_written(client: Client, serve: Serve, answering: Any) -> None:
    peer = await serve(answering("X-One: 1", status="202 Accepted"))
    url = peer.url("/%7Ein/%2f?x=%5B&b")
    await client.deliver(url, fields, b'{"a":1}', soon())
    answer = await client.deliver(url, fields, b'{"a":1}', soon())
    assert (answer.status, answer.headers.get("x-one")) == (202, "1")
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /%7Ein/%2f?x=%5B&b HTTP/1.1"
    assert body == b'{"a":1}'
    assert lines[1:] == [
        "Host: peer.example",
        "Date: now",
        "User-Agent: FedCoP/test (+https://cop.example/)",
        "Accept-Encoding: identity",
        "Content-Length: 7",
    ]
    assert peer.connections == 1


async def test_it_is_signed_when_its_connection_is_there(
    client: Client, transport: AiohttpTransport, serve: Serve, answering: Any
) -> None:
    peer = await serve(answering(status="202 Accepted"))
    gate, steps = transport._gate, []

    def noting(info: Any) -> Any:
        steps.append("connecting")
        return gate(info)

    def signed() -> dict[str, str]:
        steps.append("signing")
        return fields()

    transport._gate = noting
    await client.deliver(peer.url("/inbox"), signed, b"{}", soon())
    assert steps == ["connecting", "signing"]


async def test_a_kept_connection_that_is_closed_is_replaced(client: Client, serve: Serve) -> None:
    """The server closes it just when the next request is on its way."""
    signatures = 0

    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        if len(peer.requests) == 2:
            writer.close()
        else:
            writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")

    def signed() -> dict[str, str]:
        nonlocal signatures
        signatures += 1
        return fields()

    peer = await serve(script)
    for _ in range(2):
        assert (await client.deliver(peer.url("/inbox"), signed, b"{}", soon())).status == 202
    assert (len(peer.requests), peer.connections, signatures) == (3, 2, 3)


async def test_a_new_connection_that_is_closed_is_no_answer(client: Client, serve: Serve) -> None:
    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.close()

    peer = await serve(script)
    with pytest.raises(Unreachable):
        await client.deliver(peer.url("/inbox"), fields, b"{}", soon())
    assert peer.connections == 1


@pytest.mark.parametrize("trouble", ["slow", "cut", "long", "chunked", "interim", "short"])
async def test_the_status_counts_whatever_comes_of_the_body(
    trouble: str, client: Client, serve: Serve
) -> None:
    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        length = {"short": 10, "interim": 10}.get(trouble, 1 << 20)
        framing = "Transfer-Encoding: chunked" if trouble == "chunked" else "Content-Length: "
        interim = "HTTP/1.1 103 Early Hints\r\n\r\n" if trouble == "interim" else ""
        end = "" if trouble == "chunked" else str(length)
        body = "a\r\n0123456789\r\n0\r\n\r\n" if trouble == "chunked" else "0123456789"
        writer.write(f"{interim}HTTP/1.1 410 Gone\r\n{framing}{end}\r\n\r\n{body}".encode())
        if trouble == "long":
            writer.write(b"x" * (1 << 20))
        if trouble == "cut":
            writer.close()
        if trouble == "slow":
            await peer.released.wait()

    peer = await serve(script)
    for _ in range(2):
        answer = await client.deliver(peer.url("/inbox"), fields, b"{}", soon(0.5))
        assert answer.status == 410
        if trouble == "slow":
            break
    kept = trouble in {"chunked", "interim", "short"}
    assert peer.connections == (1 if kept or trouble == "slow" else 2)


async def test_who_hangs_or_speaks_no_http_is_unreachable(client: Client, serve: Serve) -> None:
    async def hang(_request: bytes, _writer: asyncio.StreamWriter) -> None:
        await peer.released.wait()

    async def babble(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"NONSENSE\r\n\r\n")
        writer.close()

    peer = await serve(hang)
    for url, patience in ((peer.url(), 0.2), ((await serve(babble)).url(), 20.0)):
        with pytest.raises(Unreachable):
            await client.deliver(url, fields, b"{}", soon(patience))


async def test_no_field_has_a_line_break(client: Client, serve: Serve, answering: Any) -> None:
    peer = await serve(answering())
    with pytest.raises(Malformed):
        await client.deliver(peer.url(), lambda: {"Host": "a\r\nX: b"}, b"{}", soon())
    assert not peer.requests
