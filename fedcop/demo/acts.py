"""What the people of the demo do, taken from the story: each act, and what it must wait for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from fedcop.demo.prose import CommunityStory, Home, ReportStory, Story
from fedcop.demo.stage import Stage

Moment = tuple[str, datetime]
"""A post is known on both servers by its author's URI and its time."""


@dataclass(frozen=True, slots=True)
class Line:
    """One post of the story: who says it when, in answer to what, and who finds it helpful."""

    community: str
    author: str
    moment: Moment
    title: str
    body: str
    answers: Moment | None
    helpful: tuple[str, ...]
    pinned: bool = False
    reports: tuple[ReportStory, ...] = ()


class Script:
    """The story as one server sees it."""

    def __init__(self, story: Story, stage: Stage) -> None:
        self.story, self.stage = story, stage
        self.home_of: dict[str, Home] = {person.handle: person.home for person in story.people}
        self.lines = tuple(
            sorted(
                (line for place in story.communities for line in self._of(place)),
                key=lambda line: line.moment[1],
            )
        )

    def uri(self, handle: str) -> str:
        """The id of a person of the story."""
        return f"{self.stage.base(self.home_of[handle])}/u/{handle}"

    def founded(self, place: CommunityStory) -> datetime:
        """A community is older than all that is said in it."""
        oldest = max(said.days_ago for said in place.discussions)
        return self.stage.began - timedelta(days=oldest + 10)

    def _of(self, place: CommunityStory) -> Iterator[Line]:
        for said in place.discussions:
            starter = self._moment(said.author, said.days_ago)
            yield Line(
                place.name,
                said.author,
                starter,
                said.title,
                said.body,
                None,
                said.helpful,
                said.pinned,
                said.reports,
            )
            moments = [self._moment(reply.author, reply.days_ago) for reply in said.replies]
            for reply, moment in zip(said.replies, moments, strict=True):
                answers = starter if reply.to is None else moments[reply.to]
                yield Line(place.name, reply.author, moment, "", reply.body, answers, reply.helpful)

    def _moment(self, handle: str, days_ago: float) -> Moment:
        return self.uri(handle), self.stage.began - timedelta(seconds=round(days_ago * 86_400))
