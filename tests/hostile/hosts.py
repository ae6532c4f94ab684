"""The hosts of the cases on real sockets: honest, hostile, third and blocked, with one ledger."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.hostile.people import (
    AS,
    HOSTS,
    KIND,
    REMOTE,
    SOFTWARE,
    base,
    document,
    document_of,
)
from tests.lab.server import Lab

_REASONS = {200: "OK", 202: "Accepted", 302: "Found", 404: "Not Found"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that reached a host."""

    at: float
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def host(self) -> str:
        return self.url.split("/")[2]

    @property
    def is_delivery(self) -> bool:
        return self.method == "POST"

    @property
    def json(self) -> dict[str, Any]:
        """What was delivered; empty if it is no JSON object."""
        with suppress(ValueError):
            found = json.loads(self.body)
            if isinstance(found, dict):
                return found
        return {}


@dataclass(frozen=True, slots=True)
class Page:
    """What a URL answers."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": KIND})


Trick = Callable[[asyncio.StreamWriter, Asked], Awaitable[None]]
"""Writes what it likes to the socket, and returns when that is over."""
Rule = Callable[[str], Page | None]
"""A page for a URL, or none."""


def page(document: Any, kind: str = KIND, status: int = 200) -> Page:
    """JSON, as it is served."""
    return Page(json.dumps(document).encode(), status, {"Content-Type": kind})


class Hosts:
    """All other servers behind one port: pages by URL, tricks, rules, and what was asked.

    `pages` and `tricks` of a case stand above the honest ones, which `forget` leaves.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.pages: dict[str, Page] = {}
        self.tricks: dict[str, Trick] = {}
        self.rules: list[Rule] = []
        self._honest = _honest_pages()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self, lab: Lab) -> int:
        """Listen on a loopback port, and give it the names of all hosts."""
        names = [name for letter, name in HOSTS.items() if letter != "L"]
        listed = [*names, *(f"*.{name}" for name in names)]
        tls = lab.authority.tls_for(*listed)
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        port = self._server.sockets[0].getsockname()[1]
        for name in listed:
            lab.names.point(name, port)
        return port

    async def close(self) -> None:
        for task in self._open:
            task.cancel()
        if self._server is not None:
            self._server.close()
        await asyncio.gather(*self._open, return_exceptions=True)

    def forget(self) -> None:
        """Back to what honest hosts have; the ledger is empty again."""
        self.asked.clear()
        self.pages.clear()
        self.tricks.clear()
        self.rules.clear()

    def honest(self, url: str) -> Page | None:
        """What this URL answers when no case says otherwise."""
        return self._honest.get(url) or _anybody(url)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                while await self._one(reader, writer):
                    pass
        except asyncio.CancelledError:
            pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ", 2)
        split = (line.partition(":") for line in lines if line)
        headers = {name.strip().lower(): value.strip() for name, _, value in split}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        asked = Asked(
            time.time(), method, f"https://{headers.get('host', '')}{target}", headers, body
        )
        self.asked.append(asked)
        trick = self.tricks.get(asked.url)
        if trick is not None:
            await trick(writer, asked)
            return False
        writer.write(_bytes(self._answer(asked)))
        await writer.drain()
        return True

    def _answer(self, asked: Asked) -> Page:
        if asked.method == "POST":
            return Page(b"", 202, {})
        for url in (asked.url, asked.url.partition("?")[0]):
            if url in self.pages:
                return self.pages[url]
            for rule in self.rules:
                found = rule(url)
                if found is not None:
                    return found
            found = self._honest.get(url)
            if found is not None:
                return found
        return _anybody(asked.url) or Page(b"", 404, {})


def _bytes(answer: Page) -> bytes:
    reason = _REASONS.get(answer.status, "Answer")
    lines = [f"HTTP/1.1 {answer.status} {reason}", f"Content-Length: {len(answer.body)}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + answer.body


def _honest_pages() -> dict[str, Page]:
    found: dict[str, Page] = {}
    for name, remote in REMOTE.items():
        found[remote.uri] = page(document_of(name))
        handle = f"acct:{remote.uri.rsplit('/', 1)[-1]}@{HOSTS[remote.letter]}"
        finger = {
            "subject": handle,
            "links": [{"rel": "self", "type": KIND, "href": remote.uri}],
        }
        address = f"{base(remote.letter)}/.well-known/webfinger?resource={handle}"
        for url in (address, address.replace("acct:", "acct%3A").replace("@", "%40")):
            found[url] = page(finger, "application/jrd+json")
    group = REMOTE["rgroup"].uri
    for part, items in (("moderators", [REMOTE["mod"].uri]), ("featured", []), ("outbox", [])):
        uri = f"{group}/{part}"
        found[uri] = page(_collection(uri, items))
    for letter, host in HOSTS.items():
        links = {
            "rel": "http://nodeinfo.diaspora.software/ns/schema/2.0",
            "href": f"{base(letter)}/nodeinfo/2.0",
        }
        found[f"{base(letter)}/.well-known/nodeinfo"] = page({"links": [links]}, "application/json")
        software = {"name": SOFTWARE.get(host, "mastodon"), "version": "1.0"}
        about = {"version": "2.0", "software": software, "protocols": ["activitypub"]}
        found[f"{base(letter)}/nodeinfo/2.0"] = page(about, "application/json")
    return found


def _collection(uri: str, items: list[str]) -> dict[str, Any]:
    return {
        "@context": AS,
        "id": uri,
        "type": "OrderedCollection",
        "totalItems": len(items),
        "orderedItems": items,
    }


def _anybody(url: str) -> Page | None:
    """The one actor of each of the attacker's subdomains, and of the blocked ones."""
    host, _, path = url.removeprefix("https://").partition("/")
    if host.endswith(".evil.test") and path == "u/x":
        return page(document(f"https://{host}/u/x", "sub"))
    if host.endswith(".blocked.test") and path == "u/bert":
        return page(document(f"https://{host}/u/bert", "bert"))
    return None
