"""Every other server in one process: it reads each delivery and answers 202.

Run as `python -m tests.bench.sink`, with one line of JSON on its input (see `Manner`). It prints
its port, answers each further line with a line of JSON about what has arrived so far (`Ledger`),
and ends with its input. The line `forget` begins a new ledger, `until 300` is answered when so many
have arrived. It listens on every loopback address.
"""

import asyncio
import re
import ssl
import sys
import time
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, cast

import orjson
import uvloop

_HEAD = re.compile(rb"\r\n(host|content-length): *([^\r]+)", re.IGNORECASE)
_TAKEN = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
_BACKLOG = 8_192


@dataclass(frozen=True, slots=True)
class Manner:
    """How it answers: after so many seconds; hosts whose name begins with `mute`, never."""

    after: float = 0.0
    certificate: str = ""
    key: str = ""


@dataclass(slots=True)
class Ledger:
    """What has arrived: how many requests, how many of them were new, and when the last one came.

    The time is that of `time.monotonic`, which is one clock for all processes of a machine.
    """

    taken: int = 0
    muted: int = 0
    seen: set[bytes] = field(default_factory=set[bytes])
    last: float = 0.0

    def note(self, host: bytes, body: bytes) -> None:
        self.taken += 1
        self.seen.add(sha256(host + body).digest())
        self.last = time.monotonic()

    def as_json(self) -> dict[str, Any]:
        return {
            "taken": self.taken,
            "distinct": len(self.seen),
            "muted": self.muted,
            "last": self.last,
        }


class Sink:
    """All of the hosts."""

    def __init__(self, manner: Manner) -> None:
        self.manner, self.ledger = manner, Ledger()
        self._wanted, self._enough = 0, asyncio.Event()

    async def until(self, many: int) -> None:
        """Wait until so many have arrived."""
        self._wanted = many
        self._enough.clear()
        if self.ledger.taken < many:
            await self._enough.wait()

    def take(self, host: bytes, body: bytes) -> None:
        self.ledger.note(host, body)
        if self.ledger.taken >= self._wanted:
            self._enough.set()

    def connection(self) -> "_Connection":
        return _Connection(self)


class _Connection(asyncio.Protocol):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._held = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            found = {name.lower(): value for name, value in _HEAD.findall(self._held, 0, end + 2)}
            whole = end + 4 + int(found.get(b"content-length", b"0"))
            if len(self._held) < whole:
                return
            body, self._held = self._held[end + 4 : whole], self._held[whole:]
            self._take(found[b"host"], body)

    def _take(self, host: bytes, body: bytes) -> None:
        ledger, after = self._sink.ledger, self._sink.manner.after
        if host.startswith(b"mute"):
            ledger.muted += 1
            return
        self._sink.take(host, body)
        if after:
            asyncio.get_running_loop().call_later(after, self._answer)
        else:
            self._answer()

    def _answer(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(_TAKEN)


async def main() -> None:
    manner = Manner(**orjson.loads(sys.stdin.readline() or "{}"))
    secure = None
    if manner.certificate:
        secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        secure.load_cert_chain(manner.certificate, manner.key)
    sink = Sink(manner)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(sink.connection, "0.0.0.0", 0, ssl=secure, backlog=_BACKLOG)
    _say(server.sockets[0].getsockname()[1])
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line.startswith("until "):
            await sink.until(int(line[6:]))
        _say(sink.ledger.as_json())
        if line == "forget\n":
            sink.ledger = Ledger()
    server.close()


def _say(thing: object) -> None:
    sys.stdout.write(f"{orjson.dumps(thing).decode()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
