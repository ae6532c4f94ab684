"""The wire under httpx: aiohttp, behind a gate on every address.

httpx's own pool rescans all connections for each request, and collapses when many hosts are
delivered to at once; aiohttp's does not.
"""

import errno
import socket
import ssl
from collections.abc import AsyncIterator

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver
from multidict import CIMultiDict
from yarl import URL

from fedcop.net.addresses import Refused, may_connect
from fedcop.net.posted import Fields, Posted, PostingTransport
from fedcop.net.posting import TROUBLE, Poster
from fedcop.net.resolver import Resolver

_CONNECT_SECONDS = 5.0
_KEEP_SECONDS = 30.0
_PER_HOST = 4
_NOT_OURS_TO_ADD = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")

_AddressInfo = tuple[
    int | socket.AddressFamily,
    int | socket.SocketKind,
    int,
    str,
    tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes],
]


class _Resolver(Resolver, AbstractResolver):
    """As aiohttp asks for one."""


class AiohttpTransport(PostingTransport):
    """One pool of connections, at most four to a host, for the loop of its first request.

    The exact address about to be connected, whatever name, cache or notation it came from, has to
    pass `may_connect`, unless `allow_private` (development). The URL goes out as it is spelled,
    with the request's headers and no others; cookies, redirects, compression and proxy settings of
    the environment do not exist. No connection may take longer than 5 s to open; every other limit
    of time and size is the caller's, who has to close the response. httpx timeouts are ignored.

    `trust` is whom certificates are believed from, instead of the system's authorities.

    Raises httpx.ConnectError, ConnectTimeout, ReadError, RemoteProtocolError.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        resolver: AbstractResolver | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._allow_private, self._trust = allow_private, trust
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None
        self._poster: Poster | None = None

    async def post(self, url: str, fields: Fields, body: bytes, end: float) -> Posted:
        """A delivery: see `Poster.post`. Raises the same errors as requests."""
        poster = self._poster or self._open()[1]
        try:
            return await poster.post(url, fields, body, end)
        except TROUBLE as error:
            raise _translated(error) from error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        session = self._session or self._open()[0]
        headers = CIMultiDict(
            [(name.decode("ascii"), value.decode("latin-1")) for name, value in request.headers.raw]
        )
        body = await request.aread()
        try:
            answer = await session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=headers,
                data=body or None,
                allow_redirects=False,
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _translated(error, request) from error
        return httpx.Response(
            answer.status, headers=list(answer.raw_headers), stream=_Body(answer, request)
        )

    async def aclose(self) -> None:
        """Close every connection; the transport cannot be used any more."""
        if self._session is not None:
            await self._session.close()
        if self._resolver is not None:
            await self._resolver.close()

    def _open(self) -> tuple[aiohttp.ClientSession, Poster]:
        if self._resolver is None:
            self._resolver = _Resolver(development=self._allow_private)
        connector = aiohttp.TCPConnector(
            limit=0,
            limit_per_host=_PER_HOST,
            keepalive_timeout=_KEEP_SECONDS,
            resolver=self._resolver,
            socket_factory=self._gate,
            ssl=self._trust or True,
        )
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS)
        self._poster = Poster(connector, timeout)
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_NOT_OURS_TO_ADD,
            timeout=timeout,
            auto_decompress=False,
            trust_env=False,
        )
        return self._session, self._poster

    def _gate(self, info: _AddressInfo) -> socket.socket:
        family, kind, proto, _, address = info
        if not self._allow_private and not may_connect(str(address[0])):
            raise Refused(errno.ECONNREFUSED, f"{address[0]} is not a public address")
        return socket.socket(family, kind, proto)


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse, request: httpx.Request) -> None:
        self._answer = answer
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._answer.content.iter_any():
                yield chunk
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _translated(error, self._request) from error

    async def aclose(self) -> None:
        # a body that was read to its end has given its connection back already
        self._answer.close()


def _translated(error: Exception, request: httpx.Request | None = None) -> httpx.TransportError:
    text = str(error) or type(error).__name__
    kind: type[httpx.TransportError]
    match error:
        case aiohttp.ConnectionTimeoutError() | TimeoutError():
            kind = httpx.ConnectTimeout
        case aiohttp.ClientConnectorError() | aiohttp.InvalidURL():
            kind = httpx.ConnectError
        case aiohttp.ClientPayloadError() | aiohttp.ClientOSError():
            kind = httpx.ReadError
        case _:
            kind = httpx.RemoteProtocolError
    return kind(text, request=request)
