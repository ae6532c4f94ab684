"""One run of one case: what was sent, answered, changed and asked, for those who judge it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.hostile.cases import Case
from tests.hostile.filling import Filling
from tests.hostile.hosts import Asked
from tests.hostile.people import REMOTE
from tests.hostile.snapshot import Change, Row, Snapshot, changes
from tests.hostile.stage import Stage
from tests.hostile.wire import Reply
from tests.hostile.world import USERS, local

_LISTENING = ("communities", "memberships", "bans", "keys")
_COUNTS = ("members_count", "threads_count", "last_post_at")
_POST_COUNTS = ("active_at", "reply_count", "thread_count", "likes", "dislikes")


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it went out; `body` is what the case wants to say, before it was tampered."""

    door: str
    wire: bytes
    body: Any = None
    user: str | None = None


@dataclass(slots=True)
class Trial:
    """What is known when a case has been played."""

    case: Case
    stage: Stage
    filling: Filling
    before: Snapshot
    after: Snapshot
    sent: list[list[Sent]] = field(default_factory=list[list[Sent]])
    replies: list[list[Reply]] = field(default_factory=list[list[Reply]])
    asked: list[Asked] = field(default_factory=list[Asked])
    ledger: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    others: list[float] = field(default_factory=list[float])
    """Seconds that pages took meanwhile."""
    honest: list[str] = field(default_factory=list[str])
    """Who else speaks, as the case wants it."""
    beside: list[Reply] = field(default_factory=list[Reply])
    """Answers to an honest sender beside a flood."""
    cpu: float = 0.0
    growth: int = 0
    rested: bool = True
    notes: list[str] = field(default_factory=list[str])
    trouble: list[str] = field(default_factory=list[str])

    @property
    def all_replies(self) -> list[Reply]:
        return [reply for replies in self.replies for reply in replies]

    @property
    def refused(self) -> bool:
        """Whether nothing was accepted."""
        return not any(200 <= reply.status < 400 for reply in self.all_replies)

    @property
    def bodies(self) -> list[Mapping[str, Any]]:
        """The activities that were sent."""
        found = (one.body for sent in self.sent for one in sent)
        return [body for body in found if isinstance(body, Mapping)]

    @property
    def body(self) -> Mapping[str, Any]:
        return self.bodies[0] if self.bodies else {}

    @property
    def signers(self) -> set[str]:
        """The actors behind the keys that were used."""
        names = (step.sign or {} for step in self.case.steps)
        return {
            self.filling.text(str(name["keyId"]), turn).partition("#")[0]
            for name in names
            if name.get("keyId")
            for turn in range(1, min(int(name.get("times", 1)), 200) + 1)
        }

    @property
    def doers(self) -> set[str]:
        """Signers, and local users in whose name a page was used."""
        users = {local(f"/u/{step.user}") for step in self.case.steps if step.user}
        return self.signers | users | {self.who(name) for name in self.honest}

    @property
    def fetched(self) -> set[str]:
        """What the server asked of the hosts."""
        return {one.url for one in self.asked if one.method == "GET"}

    @property
    def fetches(self) -> list[Asked]:
        return [one for one in self.asked if one.method == "GET"]

    @property
    def deliveries(self) -> list[Asked]:
        return [one for one in self.asked if one.is_delivery]

    @property
    def changes(self) -> list[Change]:
        return changes(self.before, self.after)

    def p95(self) -> float:
        """Of the pages that were asked for meanwhile; 0 if none was."""
        times = sorted(self.others)
        return times[min(len(times) - 1, int(len(times) * 0.95))] if times else 0.0

    def new(self, table: str) -> list[Row]:
        """The rows that came."""
        return [one.row for one in self.changes if one.table == table and one.before is None]

    def touched(self, table: str) -> list[Change]:
        return [one for one in self.changes if one.table == table]

    def uri_of(self, actor_id: int | None) -> str:
        row = self.after.one("actors", id=actor_id) or {}
        return str(row.get("uri", ""))

    def id_of(self, uri: str, when: Snapshot | None = None) -> int | None:
        row = (when or self.after).one("actors", uri=uri)
        return None if row is None else row["id"]

    def announces(self) -> list[Asked]:
        """What our community `public` announced, as it reached the hosts."""
        group = local("/c/public")
        return [
            one
            for one in self.deliveries
            if one.json.get("type") == "Announce" and one.json.get("actor") == group
        ]

    def about(self, uri: str, when: Snapshot) -> list[Row]:
        """All rows that say what somebody or something is, without what only counts."""
        actor = when.one("actors", uri=uri)
        post = when.one("posts", uri=uri)
        found: list[Row] = []
        if actor is not None:
            found.append(_without(actor, ("fetched_at", "delivery_inbox_id")))
            for table in _LISTENING:
                column = "actor_id"
                rows = when.rows(table, **{column: actor["id"]})
                found += [_without(row, (*_COUNTS, "fetched_at")) for row in rows]
            found += [
                _without(row, ()) for row in when.rows("memberships", community_id=actor["id"])
            ]
            found += [
                _without(row, _POST_COUNTS) for row in when.rows("posts", author_id=actor["id"])
            ]
        if post is not None:
            found.append(_without(post, _POST_COUNTS))
            found += when.rows("mentions", post_id=post["id"])
        return found

    def unchanged(self, *uris: str) -> Iterator[str]:
        """What is said about these that was not so before, or no longer is."""
        for uri in uris:
            if sorted(map(repr, self.about(uri, self.before))) != sorted(
                map(repr, self.about(uri, self.after))
            ):
                yield f"what is known of {uri} has changed"

    def who(self, name: str) -> str:
        """The URI of somebody by the name that the cases use."""
        if name in REMOTE:
            return REMOTE[name].uri
        return local(f"/u/{name}") if name in USERS else local(f"/c/{name}")


def _without(row: Row, columns: tuple[str, ...]) -> Row:
    return {name: value for name, value in row.items() if name not in columns}
