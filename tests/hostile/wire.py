"""Requests over a plain socket, as exactly as a case wants them: nothing is added or mended."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from tests.hostile.signing import Pairs

_PATIENCE = 45.0
AS_A_BROWSER = (("Accept", "text/html"), ("Sec-Fetch-Site", "same-origin"))
"""What stands with a request that a page of ours makes."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; status 0 means that the connection was closed without one."""

    status: int
    headers: Pairs = field(default_factory=list[tuple[str, str]])
    body: bytes = b""
    seconds: float = 0.0

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def header(self, name: str) -> str:
        """The first header with this name, or nothing."""
        return next((value for key, value in self.headers if key == name.lower()), "")


@dataclass(frozen=True, slots=True)
class Door:
    """Where the server is reached, and by which name it knows itself."""

    address: str
    port: int
    host: str

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self.address, self.port)


def head(method: str, target: str, headers: Sequence[tuple[str, str]]) -> bytes:
    """The first lines of a request, up to the empty one."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def usual(door: Door, client: str, headers: Pairs, body: bytes | None) -> Pairs:
    """What a proxy and a client add; what the case names itself stands as it is."""
    named = {name.lower() for name, _ in headers}
    given = [
        ("Host", door.host),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-For", client),
        ("Connection", "close"),
    ]
    if body is not None and "transfer-encoding" not in named:
        given.append(("Content-Length", str(len(body))))
    return [pair for pair in given if pair[0].lower() not in named] + headers


async def exchange(door: Door, sent: bytes, *, patience: float = _PATIENCE) -> Reply:
    """Send bytes as they are, and read one answer to its end."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(patience):
            reader, writer = await door.open()
            try:
                with suppress(ConnectionError):  # an early answer stands, even so
                    writer.write(sent)
                    await writer.drain()
                return await read_reply(reader, began)
            finally:
                writer.close()
    except (TimeoutError, ConnectionError):
        return Reply(0, seconds=time.monotonic() - began)


async def read_reply(reader: asyncio.StreamReader, began: float) -> Reply:
    """One answer, or one without status where the connection just ends."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError):
        return Reply(0, seconds=time.monotonic() - began)
    first, *lines = raw.decode("latin-1").split("\r\n")
    pairs = [
        (name.strip().lower(), value.strip())
        for name, _, value in (line.partition(":") for line in lines if line)
    ]
    body = await _body(reader, dict(pairs))
    return Reply(int(first.split(" ")[1]), pairs, body, time.monotonic() - began)


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        if "chunked" in headers.get("transfer-encoding", ""):
            return await _chunks(reader)
        if "content-length" in headers:
            return await reader.readexactly(int(headers["content-length"]))
        return await reader.read()
    return b""


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts: list[bytes] = []
    while True:
        size = int((await reader.readline()).split(b";")[0] or b"0", 16)
        part = await reader.readexactly(size + 2)
        if not size:
            return b"".join(parts)
        parts.append(part[:-2])
