"""What a case allows to change: the states S0 to S4, over rows that came, went or changed.

S0: nothing but what is counted about hosts. S1: a record that something came, and what the signer
says of itself: its actor, its own posts, votes, memberships and reports, with the counts and
announcements that follow; never a row about anybody else. (Where the sentences of a case forbid
that too, they are what fails it.) S2: the same again changes nothing. S3: something happened.
S4: as S0, but a record that something came is allowed.
"""

from collections.abc import Collection, Iterator

from tests.hostile.snapshot import Change, Snapshot, changes

ARRIVED = "inbox_messages"
_COUNTED = {
    "hosts": {
        "software",
        "version",
        "dialect",
        "view",
        "asked_at",
        "signature_spec",
        "parked",
        "failing_since",
        "failures",
        "last_error",
        "last_success_at",
        "next_try_at",
        "leased_until",
    },
    "posts": {
        "active_at",
        "reply_count",
        "thread_count",
        "likes",
        "dislikes",
        "reported_likes",
        "reported_dislikes",
    },
    "communities": {"members_count", "threads_count", "last_post_at"},
    "actors": {"fetched_at", "delivery_inbox_id"},
    "keys": {"fetched_at"},
    "told": {"spread"},
    "jobs": {"due_at", "attempts", "state", "error"},
}
"""Columns that count, cache or time, and say nothing of their own."""
_BY = {
    "memberships": ("actor_id",),
    "votes": ("actor_id",),
    "follows": ("follower_id",),
    "blocks": ("blocker_id",),
    "posts": ("author_id",),
    "reports": ("reporter_id",),
    "moderation_log": ("by_id", "actor_id"),
    "keys": ("actor_id",),
}
"""In which columns stands who said it."""
_OF_POSTS = ("mentions", "post_tags", "attachments", "revisions")
_FREE = frozenset({"tags", "reported_votes"})


class Doers:
    """Who speaks in a case, and whose rows may therefore change."""

    def __init__(self, uris: Collection[str], after: Snapshot, fetched: Collection[str]) -> None:
        self.uris = set(uris)
        self._fetched = set(fetched)
        self._hosts = {uri.split("/")[2] for uri in (*uris, *fetched) if "://" in uri}
        actors = after.tables["actors"].values()
        self.ids = {row["id"] for row in actors if row["uri"] in self.uris}
        self._new = {row["id"] for row in actors if row["uri"] in self.uris | self._fetched}
        self._places = {row["id"] for row in actors if row["type"] == "Group"}
        self._host_ids = {row["host_id"] for row in actors if row["id"] in self.ids}
        reports = after.tables["reports"].values()
        self._reports = any(row["reporter_id"] in self.ids for row in reports)
        posts = after.tables["posts"].values()
        self._posts = {row["id"] for row in posts if row["author_id"] in self.ids}
        local = {row["uri"] for row in actors if row["host_id"] is None and row["type"] == "Group"}
        self._said = {
            row["id"]
            for row in after.tables["activities"].values()
            if row["actor_uri"] in self.uris | local
        }

    def may(self, change: Change) -> bool:
        """Whether this change is the doer's own affair, or only counts."""
        if _only_counts(change):
            return True
        rule = _RULES.get(change.table)
        return rule(self, change) if rule is not None else self._by(change)

    def _by(self, change: Change) -> bool:
        return any(change.row.get(name) in self.ids for name in _BY.get(change.table, ()))

    def _actor(self, change: Change) -> bool:
        uri = change.row["uri"]
        return uri in self.uris or (change.before is None and uri in self._fetched)

    def _key(self, change: Change) -> bool:
        return change.row["actor_id"] in self.ids or (
            change.before is None and change.row["actor_id"] in self._new
        )

    def _place(self, change: Change) -> bool:
        return change.before is None and change.row["actor_id"] in self._new

    def _host(self, change: Change) -> bool:
        name = change.row.get("name") or change.row["uri"].split("/")[2]
        return change.before is None and name in self._hosts

    def _post_part(self, change: Change) -> bool:
        return change.row["post_id"] in self._posts

    def _notice(self, change: Change) -> bool:
        """Of what the doer did; that somebody was reported stands under who it was."""
        reported = change.row["reason"] == "reported" and self._reports
        return change.row["actor_id"] in self.ids or reported

    def _activity(self, change: Change) -> bool:
        return change.row["id"] in self._said and change.before is None

    def _told(self, change: Change) -> bool:
        return change.row["activity_id"] in self._said

    def _known_at(self, change: Change) -> bool:
        """Where a post is known, because somebody there liked, answered or repeated it."""
        return change.row["host_id"] in self._host_ids or self._post_part(change)

    def _grave(self, change: Change) -> bool:
        return change.row["said_by"] in self.uris

    def _always(self, _change: Change) -> bool:
        return True


_RULES = {
    ARRIVED: Doers._always,
    "actors": Doers._actor,
    "keys": Doers._key,
    "communities": Doers._place,
    "hosts": Doers._host,
    "remote_inboxes": Doers._host,
    "notifications": Doers._notice,
    "activities": Doers._activity,
    "told": Doers._told,
    "deliveries": Doers._told,
    "tombstones": Doers._grave,
    "known_at": Doers._known_at,
    "audiences": Doers._always,
    "jobs": Doers._always,
    **dict.fromkeys(_OF_POSTS, Doers._post_part),
    **dict.fromkeys(_FREE, Doers._always),
}


def _only_counts(change: Change) -> bool:
    known = _COUNTED.get(change.table, set())
    return change.before is not None and change.after is not None and change.columns <= known


def _matters(change: Change) -> bool:
    return change.table != ARRIVED and not _only_counts(change)


def trespasses(
    state: str, found: Collection[Change], doers: Doers, *, accepted: bool
) -> Iterator[str]:
    """What happened that this state forbids; for S3, that nothing happened."""
    if state in {"S0", "S4"}:
        allowed = {ARRIVED} if state == "S4" else set[str]()
        for change in found:
            if change.table not in allowed and not _only_counts(change):
                yield f"{state}: {change}"
    elif state == "S1":
        for change in found:
            if not doers.may(change):
                yield f"S1: {change}"
    elif state == "S3" and accepted and not any(map(_matters, found)):
        yield "S3: nothing happened"


def repeats(once: Snapshot, twice: Snapshot) -> Iterator[str]:
    """What a second delivery of the same changed (S2)."""
    for change in changes(once, twice):
        if change.table != ARRIVED and not _only_counts(change):
            yield f"S2: again: {change}"
        elif change.table in {"posts", "communities"}:
            yield f"S2: counted again: {change}"
