"""The gate on every address, and the wire as it is, over real sockets."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from fedcop.net import transport as module
from fedcop.net.transport import AiohttpTransport, Refused

pytestmark = pytest.mark.anyio

Serve = Callable[..., Awaitable[Any]]


class Names(AbstractResolver):
    """A name server of one name, whose answer can change."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in self.addresses
        ]

    async def close(self) -> None:
        pass


def _root(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None:
        chain.append(cause)
        cause = cause.__cause__
    return chain


async def _refused(transport: AiohttpTransport, url: str) -> None:
    with pytest.raises(httpx.ConnectError) as caught:
        await transport.handle_async_request(httpx.Request("GET", url))
    assert any(isinstance(e, Refused) for e in _root(caught.value))


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"])
async def test_an_address_of_this_machine_is_never_connected_to(
    host: str, serve: Serve, answering: Any, guarded: Any
) -> None:
    peer = await serve(answering())
    transport = guarded()
    await _refused(transport, peer.url(host=host))
    assert peer.connections == 0


@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1",), ("127.0.0.1", "::1"), ("10.0.0.1", "169.254.169.254"), ("fe80::1",)],
)
async def test_a_public_name_with_private_addresses_is_refused(
    addresses: tuple[str, ...], serve: Serve, answering: Any, guarded: Any
) -> None:
    peer = await serve(answering())
    transport = guarded(Names(*addresses))
    with pytest.raises(httpx.ConnectError):
        await transport.handle_async_request(httpx.Request("GET", peer.url(host="evil.example")))
    assert peer.connections == 0


async def test_odd_notations_do_not_pass(serve: Serve, answering: Any, guarded: Any) -> None:
    peer = await serve(answering())
    transport = guarded(Names("127.0.0.1"))
    for host in ("127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost"):
        with pytest.raises((httpx.TransportError, httpx.InvalidURL)):
            await transport.handle_async_request(httpx.Request("GET", peer.url(host=host)))
    assert peer.connections == 0


async def test_the_gate_sees_each_new_connection(
    serve: Serve, answering: Any, guarded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: a name that was public for the first request is not trusted for the second."""
    peer = await serve(answering("Connection: close"))
    allowed = iter([True, False])
    monkeypatch.setattr(module, "may_connect", lambda _address: next(allowed))
    transport = guarded(Names("127.0.0.1"))
    response = await transport.handle_async_request(
        httpx.Request("GET", peer.url(host="evil.example"))
    )
    await response.aread()
    await response.aclose()
    await _refused(transport, peer.url(host="evil.example"))
    assert peer.connections == 1


async def test_the_request_goes_out_as_it_is_written(
    transport: AiohttpTransport, serve: Serve, answering: Any
) -> None:
    peer = await serve(answering("X-One: 1", "X-One: 2", body=b"\x1f\x8bhello"))
    request = httpx.Request(
        "POST",
        peer.url("/%7Einbox/%2f?x=%5B&b"),
        headers={"Host": "peer.example", "Date": "now", "Digest": "x=="},
        content=b"{}",
    )
    response = await transport.handle_async_request(request)
    assert await response.aread() == b"\x1f\x8bhello"
    await response.aclose()
    assert response.status_code == 200
    assert response.headers.get_list("x-one") == ["1", "2"]
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /%7Einbox/%2f?x=%5B&b HTTP/1.1"
    assert sorted(line.partition(b":")[0].lower() for line in lines[1:]) == [
        b"content-length",
        b"date",
        b"digest",
        b"host",
    ]
    assert b"Host: peer.example" in lines
    assert body == b"{}"


async def test_connections_are_kept_and_at_most_four(
    transport: AiohttpTransport, serve: Serve
) -> None:
    together = asyncio.Event()
    at_once = 0

    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal at_once
        at_once += 1
        if at_once == 4:
            together.set()
        await together.wait()
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")

    peer = await serve(script)

    async def one() -> int:
        response = await transport.handle_async_request(
            httpx.Request("POST", peer.url(), content=b"x")
        )
        await response.aread()
        await response.aclose()
        return response.status_code

    assert await asyncio.gather(*(one() for _ in range(20))) == [202] * 20
    assert peer.connections == 4


async def test_cookies_and_redirects_do_not_exist(
    transport: AiohttpTransport, serve: Serve, answering: Any, get: Any
) -> None:
    peer = await serve(answering("Set-Cookie: a=b; Path=/", "Location: /there", status="302 Found"))
    for _ in range(2):
        response = await transport.handle_async_request(get(peer.url()))
        await response.aread()
        await response.aclose()
        assert response.status_code == 302
    assert b"cookie" not in peer.requests[1].lower()
    assert b"accept" not in peer.requests[1].lower()
    assert b"user-agent" not in peer.requests[1].lower()


async def test_proxies_of_the_environment_are_ignored(
    transport: AiohttpTransport,
    serve: Serve,
    answering: Any,
    get: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proxy, peer = await serve(answering()), await serve(answering())
    monkeypatch.setenv("http_proxy", proxy.url())
    response = await transport.handle_async_request(get(peer.url()))
    await response.aclose()
    assert (proxy.connections, peer.connections) == (0, 1)


async def test_nobody_there_is_a_connect_error(transport: AiohttpTransport, get: Any) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(httpx.ConnectError):
            await transport.handle_async_request(get(f"http://127.0.0.1:{port}/"))


async def test_a_slow_connection_is_a_connect_timeout(
    transport: AiohttpTransport, get: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CONNECT_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(address)
        with pytest.raises(httpx.ConnectTimeout):
            await transport.handle_async_request(get(f"http://127.0.0.1:{address[1]}/"))
        for sock in waiting:
            sock.close()


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", httpx.RemoteProtocolError),
        (b"NONSENSE\r\n\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", httpx.RemoteProtocolError),
    ],
)
async def test_no_http_is_a_protocol_error(
    raw: bytes, kind: type[Exception], transport: AiohttpTransport, serve: Serve, get: Any
) -> None:
    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        writer.close()

    peer = await serve(script)
    with pytest.raises(kind):
        await transport.handle_async_request(get(peer.url()))


async def test_a_body_cut_short_is_a_read_error(
    transport: AiohttpTransport, serve: Serve, get: Any
) -> None:
    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
        writer.close()

    peer = await serve(script)
    response = await transport.handle_async_request(get(peer.url()))
    with pytest.raises(httpx.ReadError):
        await response.aread()
    await response.aclose()


async def test_development_finds_names_under_localhost(
    transport: AiohttpTransport, serve: Serve, answering: Any, get: Any
) -> None:
    peer = await serve(answering(body=b"here"))
    response = await transport.handle_async_request(get(peer.url(host="cop.localhost")))
    assert await response.aread() == b"here"
    await response.aclose()
    assert f"Host: cop.localhost:{peer.port}".encode() in peer.requests[0]


async def test_it_can_be_closed_unused() -> None:
    await AiohttpTransport().aclose()
