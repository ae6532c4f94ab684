"""What the macros of the frame are given: names, rows of a list, posts of a thread.

A page turns what a query answered into these, so that a template never meets a row of the
database, and a test can render every macro without one. Of those not frozen there are hundreds on a
page, and to make a frozen one takes three times as long.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fedcop.text.sanitize import SafeHtml

LEVELS = 3


@dataclass(frozen=True, slots=True)
class Name:
    """A person or a community as it is shown: `host` is empty for those of this server."""

    text: str
    url: str
    host: str = ""
    avatar: str = ""
    is_place: bool = False

    @property
    def initial(self) -> str:
        """The letter that stands in for a picture."""
        return next((letter.upper() for letter in self.text if letter.isalnum()), "?")


@dataclass(frozen=True, slots=True)
class Row:
    """A discussion in a list; `kind` is discussion, question, event or resource."""

    title: str
    url: str
    author: Name
    at: datetime
    replies: int = 0
    excerpt: str = ""
    kind: str = "discussion"
    community: Name | None = None
    answered: bool = False
    pinned: bool = False
    locked: bool = False
    lang: str = ""


@dataclass(slots=True)
class Act:
    """One thing that can be done to a post: a link, or a form if it `posts` (name=value)."""

    text: str
    url: str
    picture: str = "info"
    posts: bool = False
    name: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said once above a page; `tone` is empty, good, warn or bad."""

    text: str
    tone: str = ""


@dataclass(slots=True)
class Post:
    """A post in full: a starter or a reply.

    `url` is its permanent page; `vote_url` and `reply_url` are empty for who may not. Words in
    `missing` stand in place of a post that is not shown (removed, or not here yet), and `why` says
    more about it; its author and the stewards still read what was removed in `kept`.
    """

    id: int
    author: Name
    at: datetime
    html: SafeHtml
    url: str = ""
    parent_id: int | None = None
    edited_at: datetime | None = None
    helpful: int = 0
    voted: bool = False
    vote_url: str = ""
    reply_url: str = ""
    acts: Sequence[Act] = ()
    accepted: bool = False
    from_steward: bool = False
    held: bool = False
    lang: str = ""
    missing: str = ""
    why: str = ""
    kept: SafeHtml | None = None
    pinned: bool = False
    locked: bool = False


@dataclass(slots=True)
class Branch:
    """A reply with those under it; `in_reply_to` is set where nesting ends before the answer."""

    post: Post
    depth: int = 1
    in_reply_to: Post | None = None
    branches: "list[Branch]" = field(default_factory=list["Branch"])


def arrange(posts: Sequence[Post], levels: int = LEVELS) -> list[Branch]:
    """Nest replies under what they answer, in the order given, at most `levels` deep.

    Deeper ones continue flat in the last level and name what they answer. A reply whose parent
    is not among `posts` (the starter, or one that is not here) stands at the top; so does one of
    those that answer each other in a circle, as another server may claim.
    """
    given = {post.id: Branch(post) for post in posts}
    top: list[Branch] = []
    # Who joins a full level lives beside its parent: in the list of the parent's own holder.
    holder: dict[int, list[Branch]] = {}
    for post in _parents_first(posts, given):
        branch = given[post.id]
        parent = given.get(post.parent_id) if post.parent_id is not None else None
        if parent is None or parent.post.id not in holder:
            place = top
        elif parent.depth < levels:
            branch.depth, place = parent.depth + 1, parent.branches
        else:
            branch.depth, branch.in_reply_to = levels, parent.post
            place = holder[parent.post.id]
        holder[post.id] = place
        place.append(branch)
    return top


def _parents_first(posts: Sequence[Post], given: dict[int, Branch]) -> list[Post]:
    """`posts` with each after its parent, otherwise in their order; a circle is cut at its top."""
    ordered: list[Post] = []
    seen: set[int] = set()
    for post in posts:
        chain: list[Post] = []
        step: Post | None = post
        while step is not None and step.id not in seen:
            seen.add(step.id)
            chain.append(step)
            above = given.get(step.parent_id) if step.parent_id is not None else None
            step = above.post if above is not None else None
        ordered.extend(reversed(chain))
    return ordered
