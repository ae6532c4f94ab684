"""Where the pages of people, communities and discussions are, as paths of this host."""

import re
from functools import lru_cache, partial
from urllib.parse import quote

from fedcop.domain.network.hosts import host_of
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.lines import Author, Line
from fedcop.domain.posts.models import Post
from fedcop.errors import NotFound
from fedcop.uris import slug

_LARGEST = (1 << 63) - 1
_KEPT = 4_096
_HANDLE = re.compile(r"(?P<name>[^@/\x00-\x20\x7f]{1,200})(?:@(?P<host>[A-Za-z0-9.:-]{1,260}))?")
NOWHERE = "Nothing is here, or it is not open to you."


_host_of = lru_cache(_KEPT)(host_of)
_quoted = lru_cache(_KEPT)(partial(quote, safe="@:.~"))


def home_of(actor: Actor | Author) -> str:
    """The host of somebody from elsewhere; empty for those of this server."""
    return "" if actor.is_local else _host_of(actor.uri)


def local_part(actor: Actor | Author) -> str:
    """`name`, or `name@host` for somebody from elsewhere, as it stands in a path."""
    host = home_of(actor)
    return _quoted(f"{actor.name}@{host}" if host else actor.name)


def person_path(actor: Actor | Author) -> str:
    return f"/@{local_part(actor)}"


def community_path(actor: Actor | Author) -> str:
    return f"/c/{local_part(actor)}"


def actor_path(actor: Actor | Author) -> str:
    """The page of a community or of anybody else."""
    return community_path(actor) if actor.type == "Group" else person_path(actor)


def thread_path(community: Actor | Author, root: Post | Line) -> str:
    return f"{community_path(community)}/p/{root.id}/{slug(root.title)}"


def post_path(community: Actor | Author, root: Post | Line, post: Post) -> str:
    """The place of a post in its discussion."""
    return f"{thread_path(community, root)}#r{post.id}"


def tag_path(name: str) -> str:
    """The page of a hashtag, by the name under which it is found."""
    return f"/tag/{quote(name, safe='')}"


def split_handle(text: str, home: str) -> tuple[str, str | None]:
    """`name` and the host, None for ours, of a path's `name` or `name@host`; raises NotFound."""
    match = _HANDLE.fullmatch(text)
    if match is None or not match["name"].isprintable():
        raise NotFound(NOWHERE)
    host = match["host"].lower() if match["host"] else None
    return match["name"].lower(), None if host == home else host


def row_id(text: str) -> int:
    """A row id of a path; raises NotFound for what can be none."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 19 else 0
    if not 0 < number <= _LARGEST:
        raise NotFound(NOWHERE)
    return number
