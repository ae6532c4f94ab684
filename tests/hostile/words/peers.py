"""What the hosts of a case serve: documents in words, behaviours, names, and what recipes tell."""

import asyncio
import gzip
import json
import re
from collections.abc import Mapping
from typing import Any

from tests.hostile.hosts import Asked, Page, page
from tests.hostile.keyring import is_odd
from tests.hostile.payloads import Unknown
from tests.hostile.people import AS, KIND, REMOTE, base, document, note
from tests.hostile.words.table import Laying, lays
from tests.hostile.world import local

_GZIP = {"Content-Type": KIND, "Content-Encoding": "gzip"}


def serve(laying: Laying) -> None:
    """Put up the peers of a case. Raises Unknown for words that nobody knows."""
    for peer in laying.case.peers:
        if "dns" in peer:
            _name(laying, peer)
        elif "behaviour" in peer:
            _behave(laying, peer)
        else:
            _document(laying, peer)
    for step in laying.case.steps:
        key = str((step.sign or {}).get("key", ""))
        if is_odd(key):
            uri = laying.filling.text(str((step.sign or {})["keyId"])).partition("#")[0]
            laying.stage.hosts.pages.setdefault(uri, page(document(uri, key)))


def takes_long(peer: Mapping[str, Any]) -> bool:
    return "silence" in str(peer.get("behaviour", ""))


def is_about_actors(peer: Mapping[str, Any]) -> bool:
    """Whether it changes what a server keeps of actors and names in its memory."""
    return "dns" in peer or re.search(r"/[uc]/\w+$|/k\d$", str(peer.get("url", ""))) is not None


def _name(laying: Laying, peer: Mapping[str, Any]) -> None:
    names = laying.stage.lab.names
    if "A_sequence" in peer:
        names.answer(peer["dns"], *([address] for address in peer["A_sequence"]))
    else:
        names.answer(peer["dns"], peer["A"])


def _document(laying: Laying, peer: Mapping[str, Any]) -> None:
    url = laying.filling.text(peer["url"])
    body = peer.get("body", "")
    if body == "same Note":
        body = dict(laying.filling.value(laying.case.steps[-1].body))["object"]
    elif body == "old document with old key":
        return  # that is what its host has anyway
    elif isinstance(body, str):
        if body:
            raise Unknown(f"peer: {body}")
    else:
        body = laying.filling.value(body)
    if isinstance(body, Mapping):
        laying.pages[url] = body
    content = json.dumps(body).encode() if body else b""
    headers = {name: laying.filling.text(it) for name, it in (peer.get("headers") or {}).items()}
    laying.stage.hosts.pages[url] = Page(content, int(peer.get("status", 200)), headers)


def _behave(laying: Laying, peer: Mapping[str, Any]) -> None:
    words, url = peer["behaviour"], peer["url"]
    hosts = laying.stage.hosts
    if words == "accept then silence":
        hosts.tricks[laying.filling.text(url)] = _silence
    elif words == "id of d{n+1}":
        hosts.rules.append(_each_names_the_next)
    elif words.startswith("Note replying to "):
        uri = laying.filling.text(url)
        parent = base("E") + "/" + words.removeprefix("Note replying to ")
        author = REMOTE["mallory"].uri
        place = local("/c/public")
        hosts.pages[uri] = page(note(uri, author, place, "<p>x</p>", inReplyTo=parent))
    else:
        raise Unknown(f"behaviour: {words}")


def _each_names_the_next(url: str) -> Page | None:
    found = re.fullmatch(re.escape(base("E")) + r"/d(\d+)", url)
    if found is None:
        return None
    uri = f"{base('E')}/d{int(found[1]) + 1}"
    return page(note(uri, REMOTE["mallory"].uri, local("/c/public"), "<p>x</p>"))


async def _silence(_writer: asyncio.StreamWriter, _asked: Asked) -> None:
    await asyncio.sleep(120)


@lays(r"\{\{E\}\}(/\S+) answers [\d,]+ bytes gzip = (\d+) MiB", recipe=True)
async def bomb(laying: Laying, path: str, size: str) -> None:
    content = gzip.compress(b" " * (int(size) << 20), 9)
    laying.stage.hosts.pages[base("E") + path] = Page(content, 200, _GZIP)


@lays(r"Peer never ends the header block", recipe=True, slow=True)
async def endless_headers(laying: Laying) -> None:
    async def never_ends(writer: asyncio.StreamWriter, _asked: Asked) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: " + b"a" * 4000 + b"\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    laying.stage.hosts.tricks[laying.filling.text("{{E}}/u/hdr")] = never_ends


@lays(r"(\d+) KB of crafted <link", recipe=True)
async def many_links(laying: Laying, size: str) -> None:
    content = b"<html><head>" + b"<link " * (int(size) * 1000 // 6)
    text = {"Content-Type": "text/html; charset=utf-8"}
    for step in laying.case.steps:
        url = laying.filling.text(step.url.partition("q=")[2])
        laying.stage.hosts.pages[url] = Page(content, 200, text)


@lays(r"next == id", recipe=True)
async def circular_collections(laying: Laying) -> None:
    """Every collection of the signer is one page that follows itself, or one of another host."""
    actor = REMOTE["mallory"].uri
    for part, following in (
        ("outbox", f"{actor}/outbox"),
        ("followers", f"{base('V')}/u/victor/followers"),
    ):
        uri = f"{actor}/{part}"
        circle = {
            "@context": AS,
            "id": uri,
            "type": "OrderedCollectionPage",
            "partOf": uri,
            "first": uri,
            "next": following,
            "orderedItems": [],
        }
        laying.stage.hosts.pages[uri] = page(circle)


@lays(r"nodeinfo of E points to (\S+) and to a data: URL", recipe=True, fresh=True)
async def nodeinfo_elsewhere(laying: Laying, target: str) -> None:
    rel = "http://nodeinfo.diaspora.software/ns/schema/2.0"
    links = [{"rel": rel, "href": target}, {"rel": rel, "href": "data:application/json,{}"}]
    url = f"{base('E')}/.well-known/nodeinfo"
    laying.stage.hosts.pages[url] = page({"links": links}, "application/json")


@lays(r"Group at E: name '(\w+)', url \{\{L\}\}(\S+?)\.?$", recipe=True)
async def copied_group(laying: Laying, name: str, path: str) -> None:
    uri = base("E") + path
    group = document(uri, "egroup", "Group", name=name, url=local(path), preferredUsername=name)
    laying.stage.hosts.pages[uri] = page(group)


@lays(r"quote of a note that announces a note that replies", recipe=True)
async def mixed_chain(laying: Laying) -> None:
    """Each answers one, quotes another, and stands in the context of a third, without an end."""
    pattern = re.compile(re.escape(base("E")) + r"/mix/(\d+)")

    def rule(url: str) -> Page | None:
        found = pattern.fullmatch(url)
        if found is None:
            return None
        number = int(found[1])
        above = [f"{base('E')}/mix/{number * 3 + step}" for step in (1, 2, 3)]
        more = {"inReplyTo": above[0], "quote": above[1], "context": above[2]}
        author = REMOTE["mallory"].uri
        return page(note(url, author, local("/c/public"), "<p>x</p>", **more))

    laying.stage.hosts.rules.append(rule)
