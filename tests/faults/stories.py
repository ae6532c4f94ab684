"""The plan of a run: stories of related activities, the same for the same seed.

Within a story each activity is sent when the one before has been answered; so an edit is never said
before the post, and what is expected in the end is known beforehand.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from fedcop.uris import PUBLIC
from tests.faults.people import ADA, Somebody, Town

CONTEXT = "https://www.w3.org/ns/activitystreams"
_WORDS = (
    "We tried that in the second year, and it held: whoever proposes a change also says who looks "
    "after it for the first three months, and the group looks at it again after that. "
)


@dataclass(frozen=True)
class Act:
    """One activity that will be said."""

    by: Somebody
    document: dict[str, Any]
    what: dict[str, Any]
    """What it means, for the ledger: verb, actor, thing, and what hangs on it."""
    forged: bool = False
    """Signed with another's key: it must be refused, and leave nothing."""
    once: bool = False
    """Not sent again if nobody answers."""
    again: bool = False
    """Sent once more after it was taken, as peers do."""

    @property
    def id(self) -> str:
        return self.document["id"]


Story = list[Act]


@dataclass
class _Post:
    uri: str
    by: Somebody
    parent: str | None
    title: str | None
    edits: int = 0


@dataclass
class Author:
    """Makes stories up."""

    town: Town
    starters: Mapping[str, str]
    """The local discussion of each community."""
    seed: int
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self._random = random.Random(f"stories {self.seed}")
        self._began = datetime.now(UTC) - timedelta(days=1)

    def arrivals(self) -> list[Story]:
        """Every resident joins the community of their host."""
        return [
            [self._follow(one, host.community)]
            for host in self.town.hosts
            for one in host.residents
        ]

    def stories(self, activities: int) -> list[Story]:
        """About so many activities, in stories that are independent of each other."""
        found: list[Story] = []
        guests = [one for host in self.town.hosts for one in host.guests]
        self._random.shuffle(guests)
        told = 0
        while told < activities:
            roll = self._random.random()
            if roll < 0.04 and guests:
                story = self._visit(guests.pop())
            elif roll < 0.10:
                story = self._short_lived()
            elif roll < 0.14:
                story = self._forged()
            else:
                story = self._discussion(in_ours=roll < 0.3)
            found.append(story[: activities - told])
            told += len(found[-1])
        return found

    # stories

    def _visit(self, guest: Somebody) -> Story:
        """Somebody joins and leaves, and joins again."""
        story: Story = []
        for _ in range(self._random.randint(1, 3)):
            follow = self._follow(guest, guest.host.community)
            story += [follow, self._undo(guest, follow)]
        return story if self._random.random() < 0.5 else story[:-1]

    def _short_lived(self) -> Story:
        """A discussion is started, changed and taken back."""
        community, people = self._company()
        post = _Post(self._mint(people[0], "post"), people[0], None, "A thought")
        story = [self._create(post, community)]
        story += [self._update(post, community) for _ in range(self._random.randint(0, 2))]
        return [*story, self._delete(post, community)]

    def _forged(self) -> Story:
        """Somebody speaks in the name of another."""
        community, people = self._company()
        post = _Post(self._mint(people[0], "post"), people[0], None, "Not mine")
        act = self._create(post, community)
        return [Act(act.by, act.document, {**act.what, "forged": True}, forged=True)]

    def _discussion(self, *, in_ours: bool) -> Story:
        """A thread with replies, edits, votes; some replies are taken back."""
        community, people = self._company()
        story: Story = []
        if in_ours:
            root = _Post(self.starters[community], people[0], None, None)
        else:
            root = _Post(self._mint(people[0], "post"), people[0], None, "A question")
            story.append(self._create(root, community))
        standing = [root]
        for _ in range(self._random.randint(0, 5)):
            parent = self._random.choice(standing)
            by = self._random.choice(people)
            post = _Post(self._mint(by, "post"), by, parent.uri, None)
            roll = self._random.random()
            to_ours = parent.title is None and parent.parent is None
            if roll < 0.2 and not to_ours:
                story += [self._create(post, community), self._delete(post, community)]
                continue
            names_ada = roll > 0.8
            story.append(self._create(post, community, names_ada=names_ada, to_ours=to_ours))
            standing.append(post)
            if roll < 0.5:
                story += [self._update(post, community) for _ in range(self._random.randint(1, 2))]
        for post in standing:
            story += self._votes(post, community, people, own=post is not root or not in_ours)
        return story

    def _votes(self, post: _Post, community: str, people: list[Somebody], *, own: bool) -> Story:
        voters = [one for one in people if not own or one != post.by]
        story: Story = []
        if not own:  # on our own discussion every resident votes once in the whole run
            return story
        for voter in self._random.sample(voters, self._random.randint(0, min(3, len(voters)))):
            roll = self._random.random()
            like = self._like(voter, post.uri, community, once=roll < 0.05)
            story.append(like)
            if roll > 0.8:
                story.append(self._undo(voter, like))
        return story

    def _company(self) -> tuple[str, list[Somebody]]:
        """A community and some of its members, of several hosts."""
        community = self._random.choice(self.town.communities)
        members = [one for host in self.town.of_community(community) for one in host.residents]
        return community, self._random.sample(members, min(6, len(members)))

    # activities

    def _mint(self, by: Somebody, kind: str) -> str:
        return f"https://{by.host.name}/{kind}/{self.seed}-{next(self._numbers)}"

    def _act(
        self, by: Somebody, verb: str, thing: Any, what: Mapping[str, Any], **more: Any
    ) -> Act:
        roll = self._random.random()
        document = {
            "@context": CONTEXT,
            "id": self._mint(by, "activity"),
            "type": verb,
            "actor": by.uri,
            "object": thing,
            **more,
        }
        once = bool(what.get("once"))
        return Act(
            by,
            document,
            {"verb": verb, "actor": by.uri, **what},
            once=once,
            again=roll < 0.05 and not once,
        )

    def _follow(self, by: Somebody, community: str) -> Act:
        return self._act(by, "Follow", community, {"thing": community}, to=[community])

    def _undo(self, by: Somebody, undone: Act) -> Act:
        inner = {name: value for name, value in undone.document.items() if name != "@context"}
        what = {"thing": undone.id, "of": undone.what}
        return self._act(by, "Undo", inner, what, to=undone.document.get("to", []))

    def _like(self, by: Somebody, post: str, community: str, *, once: bool) -> Act:
        what = {"thing": post, "community": community, "once": once}
        return self._act(by, "Like", post, what, to=[community])

    def _create(
        self, post: _Post, community: str, *, names_ada: bool = False, to_ours: bool = False
    ) -> Act:
        note, mark = self._note(post, community, names_ada=names_ada)
        reason = "reply" if to_ours else "mention" if names_ada else None
        what = {
            "thing": post.uri,
            "community": community,
            "parent": post.parent,
            "mark": mark,
            "notifies": reason,
        }
        return self._act(post.by, "Create", note, what, **_said_to(community))

    def _update(self, post: _Post, community: str) -> Act:
        post.edits += 1
        note, mark = self._note(post, community)
        what = {"thing": post.uri, "community": community, "mark": mark}
        return self._act(post.by, "Update", note, what, **_said_to(community))

    def _delete(self, post: _Post, community: str) -> Act:
        tombstone = {"id": post.uri, "type": "Tombstone"}
        what = {"thing": post.uri, "community": community}
        return self._act(post.by, "Delete", tombstone, what, **_said_to(community))

    def _note(
        self, post: _Post, community: str, *, names_ada: bool = False
    ) -> tuple[dict[str, Any], str]:
        number = next(self._numbers)
        mark = f"mark-{number}-end"
        at = self._began + timedelta(milliseconds=10 * number)
        note: dict[str, Any] = {
            "id": post.uri,
            "type": "Note" if post.parent else "Page",
            "attributedTo": post.by.uri,
            "content": f"<p>{_WORDS * self._random.randint(1, 4)} {mark}</p>",
            "published": _written(at - timedelta(hours=1)),
            "audience": community,
            **_said_to(community),
        }
        if post.edits:
            note["updated"] = _written(at)
        if post.parent:
            note["inReplyTo"] = post.parent
        else:
            note["name"] = f"{post.title} {number}"
        if names_ada:
            note["tag"] = [{"type": "Mention", "href": ADA, "name": "@ada"}]
        return note, mark


def _said_to(community: str) -> dict[str, Any]:
    return {"to": [PUBLIC, community], "cc": []}


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
