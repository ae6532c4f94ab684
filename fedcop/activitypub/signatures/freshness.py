"""How old a signature may be (security limits: one hour, twelve with a signed expiry)."""

import re
from datetime import UTC, datetime
from functools import lru_cache

from fedcop.errors import Unproved

MAX_AGE = 3_600
MAX_AHEAD = 3_600
LONGEST_LIFE = 43_200
SKEW = 3_600  # what Mastodon adds to a signed expiry, for clocks that run behind
BACKDATED = 3  # seconds: Misskey and NodeBB refuse what is more than 2 s ahead of their clock

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4})"
    r" ([0-9]{2}):([0-9]{2}):([0-9]{2}) (?:GMT|UTC|\+0000)"
)


def check(signed_at: int, expires: int | None, now: datetime) -> None:
    """Refuse a signature that is too old or post-dated; times are in seconds since 1970.

    Without `expires` (which must itself be signed) it lives an hour; with it, until then and an
    hour of clock skew, but never longer than twelve hours.

    Raises:
        Unproved: too old, or more than an hour ahead.
    """
    at = now.timestamp()
    if signed_at > at + MAX_AHEAD:
        raise Unproved("Sign with the time of now: this signature is from the future.")
    last = signed_at + MAX_AGE
    if expires is not None:
        last = min(expires + SKEW, signed_at + LONGEST_LIFE)
    if at > last:
        raise Unproved("Sign again: this signature is too old.")


@lru_cache(1_024)  # what arrives in the same second bears the same date
def parse_date(text: str) -> int:
    """Seconds since 1970 of an HTTP date (RFC 9110 section 5.6.7, IMF-fixdate).

    Raises:
        Unproved: another format, or no real date.
    """
    match = _DATE.fullmatch(text)
    if match is None or match[2] not in _MONTHS:
        raise Unproved("Send the Date as 'Sat, 22 Aug 2026 09:59:58 GMT'.")
    day, month, year, hour, minute, second = match.groups()
    try:
        date = datetime(
            int(year),
            _MONTHS.index(month) + 1,
            int(day),
            int(hour),
            int(minute),
            int(second),
            tzinfo=UTC,
        )
    except ValueError as error:
        raise Unproved("Send a Date that exists.") from error
    return int(date.timestamp())


def http_date(at: datetime) -> str:
    """`at` (aware) as an HTTP date, whatever the locale."""
    return _http_date(int(at.timestamp()))


@lru_cache(maxsize=8)  # a thousand requests are signed in one second
def _http_date(seconds: int) -> str:
    at = datetime.fromtimestamp(seconds, UTC)
    return f"{_DAYS[at.weekday()]}, {at:%d} {_MONTHS[at.month - 1]} {at:%Y %H:%M:%S} GMT"
