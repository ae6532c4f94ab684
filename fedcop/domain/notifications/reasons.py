"""Why something concerns a person, and which reasons belong to which part of their inbox."""

from enum import StrEnum


class Reason(StrEnum):
    """The reason of a notification, as the database keeps it."""

    REPLY = "reply"
    MENTION = "mention"
    FOLLOWED = "followed"
    """Somebody follows them."""
    MOVED = "moved"
    """Somebody whom they follow has another account now."""
    REMOVED = "removed"
    """The stewards took out what they wrote."""
    RESTORED = "restored"
    LOCKED = "locked"
    """Nobody can reply any more to a discussion that they started."""
    UNLOCKED = "unlocked"
    APPROVED = "approved"
    """The stewards let them write."""
    REFUSED = "refused"
    """The stewards do not take them, or no longer."""
    APPOINTED = "appointed"
    """They are a steward now."""
    DISMISSED = "dismissed"
    BANNED = "banned"
    BAN_LIFTED = "ban lifted"
    CLOSED = "closed"
    """A community to which they belong is only read from now on."""
    REOPENED = "reopened"
    REPORT_ANSWERED = "report answered"
    ASKS_APPROVAL = "asks approval"
    """Somebody asks to write in a community that they look after."""
    REPORTED = "reported"
    """Somebody asks them to look at something."""


class Part(StrEnum):
    """A part of the inbox."""

    YOURS = "yours"
    STEWARDSHIP = "stewardship"
    """What waits for a decision of theirs."""


STEWARDSHIP = frozenset({Reason.ASKS_APPROVAL, Reason.REPORTED})


def of_part(part: Part) -> frozenset[Reason]:
    """The reasons that belong to it."""
    return STEWARDSHIP if part is Part.STEWARDSHIP else frozenset(Reason) - STEWARDSHIP
