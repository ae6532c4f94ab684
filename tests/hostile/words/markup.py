"""Sentences about HTML that others sent: what of it is stored, and what pages show of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from tests.hostile.snapshot import Row
from tests.hostile.trial import Trial
from tests.hostile.words.table import says
from tests.hostile.world import local

Element = tuple[str, Mapping[str, str]]
_NAMES = "script|img|form|input|button|iframe|object|embed|svg|style|base|meta|link"
_INLINE = frozenset({"img", "iframe", "object", "embed", "video", "audio", "source"})
_KEPT = frozenset({"a", "strong", "em", "code", "blockquote", "ul", "ol", "li", "p"})


@dataclass
class _Reader(HTMLParser):
    """Every element with its attributes, as a browser would find them."""

    found: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def elements(html: str) -> list[Element]:
    """The elements of some HTML."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found


def _text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def _new(trial: Trial) -> list[Row]:
    return [row for row in trial.new("posts") if row["confirmed"]]


def _stored(trial: Trial) -> Iterator[Element]:
    for row in _new(trial):
        yield from elements(row["html"])


def _sent(trial: Trial) -> str:
    """The content of the post that was sent."""
    thing: Any = trial.body.get("object")
    return str(thing.get("content", "")) if isinstance(thing, Mapping) else ""


async def _pages(trial: Trial) -> list[tuple[str, str]]:
    """Every page that shows what came: by its path, the HTML."""
    paths = ["/c/public", "/c/public/members", "/explore/discussions", "/search?q=x"]
    paths += [f"/c/public/p/{row['id']}" for row in _new(trial)]
    found: list[tuple[str, str]] = []
    for path in paths:
        reply = await trial.stage.get(path)
        leads = reply.header("location").removeprefix(local(""))
        if reply.status in {302, 303} and leads.startswith("/"):
            reply = await trial.stage.get(leads.partition("#")[0])
        found.append((path, reply.text))
    return found


@says(rf"no ((?:{_NAMES})(?:, (?:{_NAMES}))*)(?: element.*)?")
async def no_elements(trial: Trial, names: str) -> list[str]:
    """Not in what is stored; and pages, which have some of these themselves, have none more."""
    refused = set(names.split(", "))
    wrong = [f"<{tag}> is stored" for tag, _ in _stored(trial) if tag in refused]
    theirs = [(tag, attrs) for tag, attrs in elements(_sent(trial)) if tag in refused]
    for path, html in await _pages(trial):
        shown = elements(html)
        wrong += [f"{path} has {one}" for one in theirs if one[1] and one in shown]
        wrong += [f"{path} runs a script" for tag, it in shown if tag == "script" and not it]
    return wrong


@says("none")
def nothing_of_it(trial: Trial) -> Iterator[str]:
    refused = {tag for tag, _ in elements(_sent(trial))}
    yield from (f"<{tag}> is stored" for tag, _ in _stored(trial) if tag in refused)


@says(r"no (\w+)(?: or (\w+))? attribute")
def no_attribute(trial: Trial, *names: str | None) -> Iterator[str]:
    for tag, attrs in _stored(trial):
        yield from (f"<{tag} {name}>" for name in attrs if name in names)


@says("no href with a scheme outside http/https", r"no (?:data|javascript): href")
async def only_web_links(trial: Trial) -> list[str]:
    wrong: list[str] = []
    places = [("stored", row["html"]) for row in _new(trial)] + await _pages(trial)
    for place, html in places:
        for tag, attrs in elements(html):
            target = attrs.get("href", "").strip()
            if urlsplit(target).scheme.lower() not in {"", "http", "https"}:
                wrong.append(f"{place}: <{tag}> leads to {target}")
    return wrong


@says(r"not kept as (//\S+)(?: \(.*\))?")
def not_kept(trial: Trial, target: str) -> Iterator[str]:
    for tag, attrs in _stored(trial):
        if attrs.get("href", "").startswith(target):
            yield f"<{tag}> leads to {attrs['href']}"


@says(r"shown as text everywhere(?:,.*)?")
async def shown_as_text(trial: Trial) -> list[str]:
    """Decoded once: the letters stand on the page as they were meant, and are no element."""
    wanted = escape(_text(_sent(trial)), quote=False)
    wrong = await no_elements(trial, "script")
    for row in _new(trial):
        if wanted not in row["html"]:
            wrong.append(f"it is stored as {row['html']!r}")
    pages = dict(await _pages(trial))
    threads = [html for path, html in pages.items() if "/p/" in path]
    return wrong + ["the page does not show it" for html in threads if wanted not in html]


@says(r"shown host of the link is (\S+) or plainly visible(?: \(.*\))?")
async def host_is_seen(trial: Trial, host: str) -> list[str]:
    threads = [html for path, html in await _pages(trial) if "/p/" in path]
    wrong = [f"nobody sees {host}" for html in threads if host not in _text(html)]
    return wrong if threads else ["there is no page"]


@says(r"rel has ([\w ]+)")
async def rel_has(trial: Trial, words: str) -> list[str]:
    wanted, wrong = set(words.split()), list[str]()
    targets = {attrs["href"] for tag, attrs in elements(_sent(trial)) if tag == "a"}
    for path, html in await _pages(trial):
        for tag, attrs in elements(html):
            theirs = attrs.get("href", "").rstrip("/") in {it.rstrip("/") for it in targets}
            if tag == "a" and theirs and not wanted <= set(attrs.get("rel", "").split()):
                wrong.append(f"{path}: rel={attrs.get('rel')!r}")
    return wrong


@says(r"no target=(\w+)")
def no_target(trial: Trial, name: str) -> Iterator[str]:
    yield from (f"<{tag}>" for tag, attrs in _stored(trial) if attrs.get("target") == name)


@says(r"emoji img has only http\(s\) src through our proxy, alt escaped", "not rendered inline")
async def nothing_inline(trial: Trial) -> list[str]:
    """Nothing of others is loaded by a page."""
    wrong = [f"<{tag}> is stored" for tag, _ in _stored(trial) if tag in _INLINE]
    for path, html in await _pages(trial):
        for tag, attrs in elements(html):
            source = attrs.get("src", attrs.get("data", ""))
            if tag in _INLINE and not source.startswith(("/", local("/"), "data:image/")):
                wrong.append(f"{path} loads {source!r} by <{tag}>")
    return wrong


@says(r"link only with http\(s\)")
async def attachments_are_links(trial: Trial) -> list[str]:
    wrong = [
        f"{row['url']} is kept"
        for row in trial.new("attachments")
        if urlsplit(row["url"]).scheme not in {"http", "https"}
    ]
    return wrong + await only_web_links(trial)


@says(r"mention link, strong, code, blockquote, list kept")
def kept(trial: Trial) -> Iterator[str]:
    stored = {tag for tag, _ in _stored(trial)}
    for tag, _ in elements(_sent(trial)):
        if tag in _KEPT and tag not in stored:
            yield f"<{tag}> is lost"


@says("links to the local profile")
async def leads_to_profile(trial: Trial) -> list[str]:
    mine = {local("/u/lara"), local("/@lara"), "/@lara", "/u/lara"}
    links = {attrs.get("href") for _, attrs in _stored(trial)}
    return [] if links & mine else [f"links: {links}"]


@says(r"escaped in HTML, .*")
async def escaped(trial: Trial) -> list[str]:
    """No page has an element that came in a field of plain text."""
    wrong: list[str] = []
    for path, html in await _pages(trial):
        for tag, attrs in elements(html):
            if attrs.get("src") == "x" or any(name.startswith("on") for name in attrs):
                wrong.append(f"{path} has <{tag} {dict(attrs)}>")
    return wrong
