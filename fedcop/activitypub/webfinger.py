"""Handles such as @name@host, and the way from one to an actor."""

import re
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from fedcop.activitypub import json
from fedcop.activitypub.client import is_activity_json, raise_for
from fedcop.errors import Gone, Malformed, NotAllowed, NotFound
from fedcop.net.client import Client
from fedcop.net.limits import within
from fedcop.net.redirects import follow
from fedcop.net.urls import base_url, canonical_host, canonical_url

JRD = "application/jrd+json"
_ACCEPT = {"Accept": f"{JRD}, application/json"}
_SELF_TYPE = "application/activity+json"
_TYPE = "https://www.w3.org/ns/activitystreams#type"
_PREFIXES = ("acct:", "@", "!")
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.~-]{0,126}[A-Za-z0-9_])?")


@dataclass(frozen=True, slots=True)
class Handle:
    """A name on a host, in Punycode; `str()` is `name@host`."""

    name: str
    host: str

    def __str__(self) -> str:
        return f"{self.name}@{self.host}"


def parse_handle(text: str, *, development: bool = False) -> Handle:
    """The handle in `@name@host`, `!name@host`, `acct:name@host` or `name@host`.

    The name keeps its case, because some servers tell names apart by it; ours are lower-case. The
    host comes out in lower-case ASCII. Raises Malformed for everything else, above all for what
    would make another request than the one for WebFinger on that host: ports (except in
    `development`), paths, a second @, white space, full-width letters (CVE-2023-42451).
    """
    prefix = next((p for p in _PREFIXES if text[: len(p)].lower() == p), "")
    name, at, host = text[len(prefix) :].partition("@")
    if not at or not _NAME.fullmatch(name):
        raise Malformed("A handle has to be a name and a host, such as @name@example.org.")
    return Handle(name, canonical_host(host, development=development))


def parse_resource(resource: str, *, development: bool = False) -> Handle | str:
    """What a WebFinger request asks for: a handle, its name in lower case, or a canonical URL.

    Raises Malformed for anything else.
    """
    if "://" in resource:
        return canonical_url(resource, development=development)
    handle = parse_handle(resource, development=development)
    return Handle(handle.name.lower(), handle.host)


def document(
    subject: str, actor_uri: str, page_url: str, actor_type: str, subscribe_template: str
) -> dict[str, Any]:
    """The answer about one of our actors (RFC 7033), with exactly one link to an actor.

    `subject` is `acct:name@host`. `subscribe_template` has `{uri}` where the thing to follow or
    answer comes. The type of the actor is a hint for Lemmy, which else may take it for a person.
    """
    return {
        "subject": subject,
        "aliases": list(dict.fromkeys((actor_uri, page_url))),
        "links": [
            {
                "rel": "http://webfinger.net/rel/profile-page",
                "type": "text/html",
                "href": page_url,
            },
            {
                "rel": "self",
                "type": _SELF_TYPE,
                "href": actor_uri,
                "properties": {_TYPE: actor_type},
            },
            {"rel": "http://ostatus.org/schema/1.0/subscribe", "template": subscribe_template},
        ],
    }


async def look_up(
    client: Client, handle: Handle, *, deadline: float = 10.0, development: bool = False
) -> str:
    """The id of the actor that the host of `handle` names for it: its first `self` link of a type
    of ActivityPub.

    Only `/.well-known/webfinger` on that host is asked, and at most three redirects from there.
    This is one direction only: whoever asks has to read the actor, and to believe the handle only
    if the actor's own host names the same actor for it.

    Raises NotFound if there is nobody of that name (an empty answer counts, PieFed's way), or no
    actor; Unreachable if the host does not answer; Malformed for an answer that cannot be read.
    """
    base = base_url(handle.host, development=development)
    url = f"{base}/.well-known/webfinger?resource=acct:{handle}"
    ask = partial(client.send, "GET", headers=_ACCEPT, deadline=deadline)
    async with within(deadline, handle.host):
        answer = await follow(ask, url, development=development)
    try:
        raise_for(answer)
    except (Gone, NotAllowed) as error:
        raise NotFound(f"{handle.host} does not say who {handle} is.") from error
    if not answer.body.strip():
        raise NotFound(f"{handle.host} knows nobody named {handle.name}.")
    links = json.loads(answer.body).get("links")
    for link in cast("list[Any]", links) if isinstance(links, list) else ():
        if isinstance(link, dict):
            href = _actor_of(cast("dict[str, Any]", link))
            if href is not None:
                return canonical_url(href, development=development)
    raise NotFound(f"{handle} is not an actor that one can follow from here.")


def _actor_of(link: dict[str, Any]) -> str | None:
    kind, href = link.get("type"), link.get("href")
    if link.get("rel") != "self" or not isinstance(kind, str) or not isinstance(href, str):
        return None
    return href if is_activity_json(kind) else None
