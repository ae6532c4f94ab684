"""How people treat each other in a community: a text with versions, point by point."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fedcop.domain.communities.facts import CommunityChanged
from fedcop.domain.communities.models import Community
from fedcop.domain.communities.policy import check_is_steward
from fedcop.domain.people.models import Actor
from fedcop.domain.site.models import Text, Wording
from fedcop.domain.site.wordings import current, write
from fedcop.errors import Invalid, NotAllowed, Sentence
from fedcop.text.markdown import render
from fedcop.text.sanitize import SafeHtml
from fedcop.work.unit_of_work import UnitOfWork

MOST_POINTS = 50
_ITEM = re.compile(r"^(?:[-*+]|\d{1,3}[.)])[ \t]+", re.MULTILINE)
_GAP = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Point:
    """One guideline, by the number with which people refer to it."""

    number: int
    html: SafeHtml


def set_guidelines(uow: UnitOfWork, community: Community, by: Actor, source: str) -> Wording:
    """A steward rewrites them; the former version is kept.

    Raises NotAllowed for who is no steward and of a community elsewhere, Invalid (field
    `guidelines`) for what is too long or has more than 50 points.
    """
    if not community.local:
        raise NotAllowed("This community can be changed on its own server only.")
    check_is_steward(uow.session, community.actor_id, by.id)
    if len(_blocks(source)) > MOST_POINTS:
        raise Invalid(
            fields={Text.GUIDELINES.value: Sentence("At most {most} points.", most=MOST_POINTS)}
        )
    before = current(uow.session, community.actor_id, Text.GUIDELINES)
    wording = write(uow, community.actor_id, Text.GUIDELINES, source, by.id)
    if wording is not before:
        uow.emit(CommunityChanged(community.actor_id))
    return wording


def points(source: str) -> Sequence[Point]:
    """Guidelines in Markdown as numbered points: each paragraph and each item of a list is one."""
    return [Point(n, render(block)) for n, block in enumerate(_blocks(source), start=1)]


def _blocks(source: str) -> list[str]:
    found: list[str] = []
    for paragraph in _GAP.split(source.replace("\r\n", "\n").strip()):
        if _ITEM.match(paragraph):
            found += [item.strip() for item in _ITEM.split(paragraph)]
        else:
            found.append(paragraph.strip())
    return [block for block in found if block]
