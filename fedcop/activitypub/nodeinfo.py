"""What software a server is: ours, as we say it, and others, as they do."""

from dataclasses import dataclass
from functools import partial
from typing import Any, cast
from xml.sax.saxutils import quoteattr

from fedcop.activitypub import json
from fedcop.errors import Malformed, TooLarge
from fedcop.net.client import Answer, Client
from fedcop.net.limits import within
from fedcop.net.redirects import follow
from fedcop.net.urls import base_url, canonical_url

CONTENT_TYPE = 'application/json; profile="http://nodeinfo.diaspora.software/ns/schema/2.1#"'
_SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/"
_READABLE = ("2.1", "2.0", "2.2", "1.1", "1.0")  # those that say more first
_ACCEPT = {"Accept": "application/json"}
_LIMIT = 1 << 16
_LONGEST = 128


@dataclass(frozen=True, slots=True)
class Software:
    """The product that a server runs, its name in lower case, and its version as it is said."""

    name: str
    version: str


def links(base: str) -> dict[str, Any]:
    """`/.well-known/nodeinfo` of the server at `base` (`https://host`).

    Lemmy sends nothing to a server for whose daily check this is not there.
    """
    return {"links": [{"rel": f"{_SCHEMA}2.1", "href": f"{base}/nodeinfo/2.1"}]}


def document(
    version: str,
    users: int,
    posts: int,
    comments: int,
    open_registrations: bool,  # noqa: FBT001
) -> dict[str, Any]:
    """NodeInfo 2.1 about this server, whose software has `version`.

    `metadata` may only ever be strings by name: Lemmy does not read the rest otherwise.
    """
    return {
        "version": "2.1",
        "software": {"name": "fedcop", "version": version},
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": open_registrations,
        "usage": {
            "users": {"total": users},
            "localPosts": posts,
            "localComments": comments,
        },
        "metadata": {},
    }


def host_meta(base: str) -> str:
    """`/.well-known/host-meta` (RFC 6415), which says where WebFinger is: Friendica and others
    of its time begin there.
    """
    template = quoteattr(f"{base}/.well-known/webfinger?resource={{uri}}")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">\n'
        f'  <Link rel="lrdd" type="application/jrd+json" template={template}/>\n'
        "</XRD>\n"
    )


async def fetch(
    client: Client, host: str, *, deadline: float = 10.0, development: bool = False
) -> Software | None:
    """What `host` says that it runs; None if it does not say, or not so that one can read it.

    A hint for the form of what is sent there, and never more than that. `deadline` is in seconds,
    for all. Raises Unreachable only if the host does not answer at all.
    """
    base = base_url(host, development=development)
    ask = partial(client.send, "GET", headers=_ACCEPT, deadline=deadline, limit=_LIMIT)
    try:
        async with within(deadline, host):
            index = await follow(ask, f"{base}/.well-known/nodeinfo", development=development)
            href = _best(_read(index))
            if href is None:
                return None
            url = canonical_url(href, development=development)
            return _software(_read(await follow(ask, url, development=development)))
    except (Malformed, TooLarge):
        return None


def _read(answer: Answer) -> dict[str, Any]:
    return json.loads(answer.body) if answer.status == 200 else {}


def _best(index: dict[str, Any]) -> str | None:
    found: dict[object, str] = {}
    given = index.get("links")
    for link in cast("list[Any]", given) if isinstance(given, list) else ():
        if isinstance(link, dict):
            entry = cast("dict[str, Any]", link)
            rel, href = entry.get("rel"), entry.get("href")
            if isinstance(rel, str) and isinstance(href, str):
                found[rel] = href
    return next((found[_SCHEMA + v] for v in _READABLE if _SCHEMA + v in found), None)


def _software(info: dict[str, Any]) -> Software | None:
    given = info.get("software")
    software = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    name, version = software.get("name"), software.get("version")
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST:
        return None
    return Software(name.strip().lower(), version[:_LONGEST] if isinstance(version, str) else "")
