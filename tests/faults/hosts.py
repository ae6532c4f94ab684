"""The hosts as the server reaches them: what they serve, and a ledger for each of what came."""

import asyncio
import json
import re
import ssl
import time
from pathlib import Path
from typing import Any

from tests.faults.people import Host, Town

_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)
_HOST = re.compile(rb"\r\nhost: *([^\r:]+)", re.IGNORECASE)
_TAKEN = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
_AS = "application/activity+json"


class Hosts:
    """All hosts behind one port, told apart by `Host`; each inbox takes everything, and notes it.

    A line of a host's file: when, the life of the server in which it came, the id and type of the
    activity, the id and type of what it is about, and whether that is an activity itself.
    """

    def __init__(self, town: Town, folder: Path, tls: ssl.SSLContext) -> None:
        self._town, self._tls = town, tls
        self.files = {host.name: folder / f"{host.name}.jsonl" for host in town.hosts}
        self._open = {name: file.open("ab", buffering=0) for name, file in self.files.items()}
        self._server: asyncio.Server | None = None
        self._talking: set[asyncio.Task[None]] = set()
        self.arrived = 0
        self.life = 0
        """Which start of the server this is: set by whoever starts it."""

    async def open(self) -> int:
        """Listen; returns the port."""
        self._server = await asyncio.start_server(
            self._talk, "127.0.0.1", 0, ssl=self._tls, backlog=1024
        )
        return self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._talking):
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)
        for file in self._open.values():
            file.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talking.add(task)
        life = self.life  # a request of the one that was killed may be read after its end
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                body = await reader.readexactly(int(length[1])) if length else b""
                if not body:
                    await self._before(head.split(b" ", 2)[1].decode())
                writer.write(self._answer(head, body, life))
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            self._talking.discard(task)
            writer.close()

    async def _before(self, path: str) -> None:
        """What has to be waited for before a document is served."""

    def _answer(self, head: bytes, body: bytes, life: int) -> bytes:
        method, path = head.split(b" ", 2)[:2]
        named = _HOST.search(head)
        host = self._town.by_name.get(named[1].decode() if named else "")
        if host is None:
            return _document(404, {})
        if method == b"POST":
            self._note(host, body, life)
            return _TAKEN
        return _serve(host, path.decode())

    def _note(self, host: Host, body: bytes, life: int) -> None:
        said = json.loads(body)
        thing = said["object"]
        inner = thing if isinstance(thing, dict) else {"id": thing, "type": None}
        about = inner.get("object")
        line = {
            "at": time.time(),
            "life": life,
            "id": said["id"],
            "type": said["type"],
            "thing": inner.get("id"),
            "kind": inner.get("type"),
            "about": about if isinstance(about, str | None) else about.get("id"),
        }
        self._open[host.name].write(json.dumps(line).encode() + b"\n")
        self.arrived += 1


def _serve(host: Host, path: str) -> bytes:
    somebody = host.everybody.get(f"https://{host.name}{path}")
    if somebody is not None:
        return _document(200, somebody.document(), _AS)
    match path:
        case "/.well-known/nodeinfo":
            rel = "http://nodeinfo.diaspora.software/ns/schema/2.1"
            return _document(
                200, {"links": [{"rel": rel, "href": f"https://{host.name}/nodeinfo/2.1"}]}
            )
        case "/nodeinfo/2.1":
            return _document(200, {"software": {"name": host.software, "version": "1"}})
        case _:
            return _document(404, {})


def _document(status: int, content: dict[str, Any], kind: str = "application/json") -> bytes:
    body = json.dumps(content).encode()
    head = f"HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
