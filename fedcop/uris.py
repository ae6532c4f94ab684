"""Every local URL shape: minted and recognised here, nowhere else."""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"

_NAME = r"[a-z0-9_](?:[a-z0-9_.-]{0,62}[a-z0-9_])?"
_LOCAL = re.compile(
    rf"/(?:(?P<prefix>[uc])/(?P<name>{_NAME})(?:/(?P<part>[a-z]+))?"
    r"|(?P<thing>post|comment|activity)/(?P<id>[1-9][0-9]{0,18})(?:/(?P<view>replies|context))?"
    r"|(?P<root>actor)?)"
)
COLLECTIONS = frozenset({"inbox", "outbox", "followers", "following", "moderators", "featured"})


class Kind(StrEnum):
    """What a local ActivityPub id stands for."""

    PERSON = "person"
    COMMUNITY = "community"
    POST = "post"
    COMMENT = "comment"
    ACTIVITY = "activity"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Local:
    """A local id, taken apart: its kind, its key (a name or a row id), and the part below it."""

    kind: Kind
    name: str = ""
    id: int = 0
    part: str = ""


_PREFIX = {"u": Kind.PERSON, "c": Kind.COMMUNITY}


class Uris:
    """The URLs of one server. `host` is its name, with a port only in development."""

    def __init__(self, host: str, scheme: str = "https") -> None:
        self.host = host
        self.base = f"{scheme}://{host}"

    # ids, which never change

    @property
    def site(self) -> str:
        """The instance actor: the root of the host, slash included."""
        return f"{self.base}/"

    @property
    def shared_inbox(self) -> str:
        return f"{self.base}/inbox"

    def person(self, name: str) -> str:
        return f"{self.base}/u/{name}"

    def community(self, name: str) -> str:
        return f"{self.base}/c/{name}"

    def post(self, row_id: int) -> str:
        return f"{self.base}/post/{row_id}"

    def comment(self, row_id: int) -> str:
        return f"{self.base}/comment/{row_id}"

    def activity(self, row_id: int) -> str:
        return f"{self.base}/activity/{row_id}"

    # pages, whose slugs are free

    def person_page(self, name: str) -> str:
        return f"{self.base}/@{name}"

    def thread_page(self, community: str, row_id: int, slug: str) -> str:
        return f"{self.base}/c/{community}/p/{row_id}/{slug}"

    def reply_page(self, community: str, root_id: int, slug: str, row_id: int) -> str:
        return f"{self.thread_page(community, root_id, slug)}#r{row_id}"

    def tag_page(self, name: str) -> str:
        return f"{self.base}/tag/{quote(name)}"

    def is_local(self, uri: str) -> bool:
        """Whether `uri` lies on this host (and so may only be minted by us)."""
        return uri == self.base or uri.startswith(self.site)

    def recognise(self, uri: str) -> Local | None:
        """Take a local id apart; None if it is another host's, or no shape of ours."""
        if not self.is_local(uri):
            return None
        match = _LOCAL.fullmatch(uri.removeprefix(self.base) or "/")
        if match is None:
            return None
        if match["prefix"]:
            part = match["part"] or ""
            if part and part not in COLLECTIONS:
                return None
            return Local(_PREFIX[match["prefix"]], name=match["name"], part=part)
        if match["thing"]:
            return Local(Kind(match["thing"]), id=int(match["id"]), part=match["view"] or "")
        return Local(Kind.SITE)


def slug(title: str) -> str:
    """The readable end of a page's URL: ASCII words of `title`, at most 60 characters."""
    words = re.findall(r"[a-z0-9]+", title.lower())
    return "-".join(words)[:60].strip("-") or "discussion"
