"""Moments in the words of one language: how long ago, on which day, at what time.

A page of a long discussion names hundreds of them, and a locale's patterns are dear to apply: the
words of a day and of a distance are kept.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from babel import Locale
from babel.dates import format_skeleton, format_time, format_timedelta

_MINUTE, _HOUR, _DAY, _WEEK = 60, 3_600, 86_400, 7 * 86_400
_KEPT = 4_096


def ago(at: datetime, now: datetime, locale: Locale) -> str:
    """How long ago `at` was ("2 hours ago"); the date where that is more than a week.

    A time of the future that is due to another server's clock counts as now, up to a minute.
    """
    seconds = (now - at).total_seconds()
    if -60 <= seconds < 1:
        seconds = 1
    if abs(seconds) >= _WEEK:
        return _day("MMMd" if at.year == now.year else "yMMMd", at.date(), locale)
    return _distance(_rounded(seconds), locale)


def day(at: datetime, locale: Locale) -> str:
    """The day in full, with the day of the week."""
    return _day("yMMMEd", at.date(), locale)


def minute(at: datetime, zone: tzinfo, locale: Locale) -> str:
    """The time of the day, with its zone."""
    if zone is not UTC:  # the name of another zone depends on the day
        return format_time(at, "HH:mm z", tzinfo=zone, locale=locale)
    return _minute(at.hour, at.minute, locale)


class Moments:
    """The filters of a page's language over a clock."""

    def __init__(self, locale: Locale, now: Callable[[], datetime]) -> None:
        self._locale, self._now = locale, now

    def ago(self, at: datetime) -> str:
        """As `ago`, from now."""
        return ago(at, self._now(), self._locale)

    def date(self, at: datetime, form: str = "minute", zone: tzinfo = UTC) -> str:
        """The moment in full; with "day" only its day."""
        there = at.astimezone(zone)
        words = day(there, self._locale)
        return words if form == "day" else f"{words}, {minute(there, zone, self._locale)}"


def iso(at: datetime) -> str:
    """The moment for programs, in UTC, in whole seconds."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _rounded(seconds: float) -> int:
    """As exact as the words for it are: whole minutes of an hour, whole hours of a day, …

    `format_timedelta` changes the unit exactly at 1 of the larger, and rounds the number to the
    nearest, half to the even.
    """
    whole = int(seconds)
    size = abs(whole)
    unit = _DAY if size >= _DAY else _HOUR if size >= _HOUR else _MINUTE if size >= _MINUTE else 1
    return (1 if whole >= 0 else -1) * max(1, round(size / unit)) * unit if size else whole


@lru_cache(_KEPT)
def _distance(seconds: int, locale: Locale) -> str:
    distance = timedelta(seconds=-seconds)
    return format_timedelta(
        distance, add_direction=True, threshold=1, format="short", locale=locale
    )


@lru_cache(_KEPT)
def _day(parts: str, at: date, locale: Locale) -> str:
    return format_skeleton(parts, datetime.combine(at, time(12), UTC), locale=locale)


@lru_cache(_KEPT)
def _minute(hour: int, at: int, locale: Locale) -> str:
    moment = datetime.combine(date(2000, 1, 1), time(hour, at), UTC)
    return format_time(moment, "HH:mm z", tzinfo=UTC, locale=locale)
