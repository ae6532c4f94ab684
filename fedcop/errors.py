"""Everything that can go wrong on purpose.

FedcopError
├── Invalid          what a person filled in is not usable; words for each field
├── NotAllowed       one can see it, but may not do that to it
│   ├── Blocked      an admin here decided not to speak with that server
│   └── Locked       the stewards have ended the conversation that it would belong to
├── NotFound         not here, or not for you: the same answer
├── Gone             was here, and was taken away
├── Conflict         it clashes with what already stands
├── TooMany          too often; come back later
├── Malformed        not the ActivityPub, JSON or HTTP that we can read
├── TooLarge         more than we are willing to read
├── TooSlow          begun, and not sent to its end in time
├── Misdirected      sent to another name than ours
├── Unproved         nobody has proved to have said this
├── NotTheirs        proved, but not theirs to say
├── Unsupported      understood well enough to know that we do nothing with it
└── Temporary        nobody's fault, and it will pass
    ├── Unreachable  another server does not answer
    └── Busy         our own database or queue cannot take it now

A class says its HTTP `status` and whether the same thing may succeed later (`retry`). The message
is for the reader and says what to do next; the cause, if there is one, is for the log.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar, Self


class Sentence(str):
    """Words with what stands in their gaps kept apart, so that a page can say them in its language.

    `Sentence("At most {most} characters.", most=2000)` reads "At most 2,000 characters."; `form`
    and `gaps` are what a translator needs. Numbers and moments are written as English does.
    """

    form: str
    gaps: Mapping[str, object]

    def __new__(cls, form: str, **gaps: object) -> Self:
        made = super().__new__(
            cls, form.format(**{name: _in_english(gap) for name, gap in gaps.items()})
        )
        made.form, made.gaps = form, gaps
        return made


def _in_english(gap: object) -> str:
    if isinstance(gap, datetime):
        return f"{gap.astimezone(UTC):%d %B %Y, %H:%M} UTC".lstrip("0")
    return f"{gap:,}" if isinstance(gap, int) else str(gap)


class FedcopError(Exception):
    """The root: `str(error)` may be shown to whoever asked."""

    status: ClassVar[int] = 400
    retry: ClassVar[bool] = False

    @property
    def words(self) -> str:
        """The message, as a Sentence if it was made of one (`str(error)` forgets that)."""
        said: object = self.args[0] if self.args else ""
        return said if isinstance(said, str) else str(said)


class Invalid(FedcopError):
    """What was filled in cannot be used; `fields` maps a field's name to words for its reader."""

    status = 422

    def __init__(self, message: str = "", fields: Mapping[str, str] | None = None) -> None:
        self.fields = dict(fields or {})
        super().__init__(message or " ".join(self.fields.values()))


class NotAllowed(FedcopError):
    """Visible to the one who asks, but not theirs to do."""

    status = 403


class Blocked(NotAllowed):
    """An admin of this server has decided not to speak with that one."""


class Locked(NotAllowed):
    """The stewards have locked what it answers; what answers it in turn is not taken, either."""


class NotFound(FedcopError):
    """Not here, or not to be seen by whoever asks: the answer is the same."""

    status = 404


class Gone(FedcopError):
    """It was here and has been deleted."""

    status = 410


class Conflict(FedcopError):
    """It clashes with what already stands (a name that is taken, a second founding)."""

    status = 409


class TooMany(FedcopError):
    """Too often in too short a time; `after` is the wait in seconds."""

    status = 429
    retry = True

    def __init__(self, message: str, after: int = 60) -> None:
        self.after = after
        super().__init__(message)


class Malformed(FedcopError):
    """Not something that we can read; the message names the field or the byte."""

    status = 400


class TooLarge(FedcopError):
    """More than the limit, which the message names."""

    status = 413


class TooSlow(FedcopError):
    """A request that was begun and not sent to its end in time."""

    status = 408
    retry = True


class Misdirected(FedcopError):
    """A request for a server with another name."""

    status = 421


class Unproved(FedcopError):
    """No valid signature or proof of the one who is said to speak."""

    status = 401


class NotTheirs(FedcopError):
    """The speaker is proved, but has no authority over what is said."""

    status = 403


class Unsupported(FedcopError):
    """A type that we know of and do nothing with; answered as accepted."""

    status = 202


class Temporary(FedcopError):
    """It will pass: answered 503 with Retry-After; `after` is the wait in seconds."""

    status = 503
    retry = True

    def __init__(self, message: str, after: int = 30) -> None:
        self.after = after
        super().__init__(message)


class Unreachable(Temporary):
    """Another server does not answer, or answers nonsense for now."""


class Busy(Temporary):
    """Our own database or queue cannot take it at this moment."""
