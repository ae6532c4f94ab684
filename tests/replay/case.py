"""One message of the corpus, taken apart: what it says, and who passes it on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from fedcop.activitypub.vocab.objects import POST_TYPES
from tests.replay.documents import Json, host, id_of, is_public, many, recipients

Reading = Callable[[Session], bool]


@dataclass
class Case:
    """A message: `said` is the activity that it carries, `via` the community that passes it on."""

    json: Json
    said: Json
    via: str = ""

    @classmethod
    def of(cls, message: Json) -> "Case":
        inner = message.get("object")
        if message["type"] == "Announce" and isinstance(inner, dict) and "actor" in inner:
            return cls(message, inner, id_of(message["actor"]))
        return cls(message, message)

    @property
    def verb(self) -> str:
        return self.said["type"]

    @property
    def actor(self) -> str:
        return id_of(self.said["actor"])

    @property
    def thing(self) -> Any:
        return self.said.get("object")

    @property
    def object_id(self) -> str:
        return id_of(self.thing)

    @property
    def inner(self) -> Json:
        """The embedded object; empty if only its id was sent."""
        return self.thing if isinstance(self.thing, dict) else {}

    @property
    def named(self) -> list[str]:
        """Whom a post speaks to, other than its author."""
        return [one for one in recipients(self.said, self.inner) if one != self.actor]

    @property
    def community(self) -> str:
        """Who of them can be a community: the audience, else the first of another server."""
        said = [
            id_of(one) for thing in (self.said, self.inner) for one in many(thing.get("audience"))
        ]
        others = [one for one in self.named if host(one) != host(self.actor)]
        return next(iter([one for one in said if one] + others), "")

    @property
    def authors(self) -> list[str]:
        """To whom the object gives itself."""
        return [id_of(one) for one in many(self.inner.get("attributedTo"))]

    def group(self, is_group: Callable[[str], bool]) -> str:
        """The group whose the object is, on the host of who says it, if it names no other one."""
        theirs = [one for one in self.authors if host(one) == host(self.actor)]
        return "" if self.community else next((one for one in theirs if is_group(one)), "")

    @property
    def collection(self) -> str:
        """What list of a community an Add or a Remove changes: `moderators`, `featured` or none.

        One under the address of who says it is on their own profile.
        """
        target = id_of(self.said.get("target"))
        last = target.rstrip("/").rpartition("/")[2]
        if not self.via and target.startswith(f"{self.actor}/"):
            return ""
        return {"moderators": "moderators", "featured": "featured", "pinned": "featured"}.get(
            last, ""
        )

    @property
    def is_approval(self) -> bool:
        """Whether it answers the request to reply, like or boost, not a Follow (GoToSocial)."""
        kind = self.inner.get("type", "Follow")
        return kind != "Follow" or "result" in self.said or "target" in self.said

    @property
    def is_of_a_post(self) -> bool:
        """Whether a Delete can mean a post: not a Feed, not what was said to one person."""
        kind = self.inner.get("type", "Tombstone")
        private = (
            not is_public(self.said) and bool(recipients(self.said)) and not self.said.get("cc")
        )
        return kind in POST_TYPES | {"Tombstone"} and not private

    @property
    def passed_on(self) -> bool:
        """Whether only a community of another host vouches for it."""
        return bool(self.via) and host(self.via) != host(self.actor)

    def wrap(self, activity: Json) -> Json:
        """The activity as this message's sender would send it."""
        if not self.via:
            return activity
        return {
            "type": "Announce",
            "id": f"{self.json['id']}/before",
            "actor": self.via,
            "object": activity,
        }


@dataclass
class Expected:
    """What should be there when the message was processed."""

    outcome: str
    holds: Reading
