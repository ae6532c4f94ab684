"""Sends POST requests over aiohttp's connections, past its session, of which delivery needs little.

aiohttp's connector keeps what is hard: names, the gate, TLS, connections that are kept, four to a
host. What its session adds to a request (a task for its body, a response with cookies, history and
decoders, URLs and headers parsed again) costs more than all the rest but the signature. And only
here can a request be signed when its connection is there, as `decisions.md` asks: a signature whose
date has waited for a connection is refused by peers that allow few seconds.
"""

import asyncio
from collections.abc import Mapping
from weakref import WeakSet

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError, RawResponseMessage
from cachetools import LRUCache
from yarl import URL

from fedcop.errors import Malformed
from fedcop.net.posted import Fields, Posted
from fedcop.net.urls import host_of

_WAYS = 4_096
_SKIM = 1 << 16
_SKIM_SECONDS = 1.0
_CUT_OFF = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionError)
TROUBLE = (aiohttp.ClientError, HttpProcessingError, TimeoutError, OSError)
"""What `Poster.post` raises when there is no answer."""


class Poster:
    """Posts over the connections of `connector`."""

    def __init__(self, connector: aiohttp.TCPConnector, timeout: aiohttp.ClientTimeout) -> None:
        self._connector, self._timeout = connector, timeout
        self._ways: LRUCache[str, aiohttp.ClientRequest] = LRUCache(_WAYS)
        self._used: WeakSet[ResponseHandler] = WeakSet()

    async def post(self, url: str, fields: Fields, body: bytes, end: float) -> Posted:
        """Send `body` to the canonical `url`, with `fields` and Content-Length as its whole head.

        A connection that was kept, and turns out to be closed, is replaced by another, for which
        `fields` are made anew. The answer has to begin before `end` (a time of the loop); its body
        is thrown away, and whether that is long, slow or broken makes no difference. Raises one of
        `TROUBLE`; Malformed for a field with a line break; and whatever `fields` raises.
        """
        async with asyncio.timeout_at(end):
            connection, head, rest = await self._answered(url, fields, body)
        protocol = _protocol(connection)
        try:
            if not rest.is_eof() or rest.total_bytes > _SKIM:
                await _skim(protocol, rest, end)
        except BaseException:
            connection.close()
            raise
        self._used.add(protocol)
        connection.release()  # which closes it if something of the answer is left
        return Posted(head.code, head.headers)

    async def _answered(
        self, url: str, fields: Fields, body: bytes
    ) -> tuple[Connection, RawResponseMessage, aiohttp.StreamReader]:
        while True:
            connection = await self._connector.connect(self._way(url), [], self._timeout)
            protocol = _protocol(connection)
            try:
                head, rest = await _exchange(protocol, _head(url, fields(), body) + body)
            except BaseException as error:
                connection.close()
                if isinstance(error, _CUT_OFF) and protocol in self._used:
                    continue
                raise
            return connection, head, rest

    def _way(self, url: str) -> aiohttp.ClientRequest:
        """What the connector has to know to find a connection; it is never sent."""
        origin = url[: url.index("/", 8)] if "/" in url[8:] else url
        way = self._ways.get(origin)
        if way is None:
            loop = asyncio.get_running_loop()
            way = aiohttp.ClientRequest("POST", URL(f"{origin}/", encoded=True), loop=loop)
            self._ways[origin] = way
        return way


def _protocol(connection: Connection) -> ResponseHandler:
    if connection.protocol is None:
        raise aiohttp.ServerDisconnectedError
    return connection.protocol


async def _exchange(
    protocol: ResponseHandler, message: bytes
) -> tuple[RawResponseMessage, aiohttp.StreamReader]:
    """Send all, and read the head of the answer."""
    if protocol.transport is None:
        raise aiohttp.ServerDisconnectedError
    protocol.set_response_params(read_until_eof=True, auto_decompress=False)
    protocol.transport.write(message)
    head, body = await protocol.read()
    while 100 <= head.code < 200 and not head.upgrade:
        head, body = await protocol.read()
    return head, body


async def _skim(protocol: ResponseHandler, body: aiohttp.StreamReader, end: float) -> None:
    """Read the rest if it is short and comes at once; else the connection is not worth keeping."""
    size = 0
    soon = asyncio.get_running_loop().time() + _SKIM_SECONDS
    try:
        async with asyncio.timeout_at(min(soon, end)):
            async for chunk in body.iter_any():
                size += len(chunk)
                if size > _SKIM:
                    break
            else:
                return
    except TROUBLE:
        pass
    protocol.force_close()


def _head(url: str, fields: Mapping[str, str], body: bytes) -> bytes:
    authority = host_of(url)
    target = url[url.index(authority, 7) + len(authority) :] or "/"
    if target.startswith("?"):
        target = f"/{target}"
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    lines.append(f"Content-Length: {len(body)}\r\n\r\n")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) + 1 or head.count("\r") != len(lines) + 1:
        raise Malformed("A header field has a line break in it.")
    return head.encode("latin-1")
