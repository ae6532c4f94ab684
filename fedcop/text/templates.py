"""The Jinja2 environment that pages and mails are written in.

One environment serves one language: its filters and its `_()` know the locale, so a macro that is
imported without a context still speaks the reader's language. What a value needs to be shown as
HTML is `SafeHtml`; everything else is escaped.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_skeleton, format_time, format_timedelta
from babel.numbers import format_compact_decimal, format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from fedcop.text.sanitize import SafeHtml

_WEEK = 7 * 86_400
_SCROLLS = re.compile(r"<(pre|table)(?=[ >])(?![^>]* tabindex=)")
EXTENSIONS = ("jinja2.ext.i18n", "jinja2.ext.do")


def environment(
    folder: Path,
    locale: Locale,
    translations: NullTranslations,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Environment:
    """An environment over the templates of `folder`, for one language.

    Autoescape is always on, an undefined name is an error, and `_`, `ngettext` and `{% trans %}`
    take named values (`_("%(n)s things", n=3)`), which are escaped. Filters: `safe_html`, `plain`,
    `excerpt`, `ago`, `date` ("minute" or "day", and a time zone, else UTC), `iso`, `number`,
    `compact`. `now` is the clock behind `ago`.
    """
    env = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=list(EXTENSIONS),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    untyped: Any = env
    untyped.install_gettext_translations(translations, newstyle=True)
    env.policies["ext.i18n.trimmed"] = True
    filters: dict[str, Callable[..., object]] = {
        "safe_html": safe_html,
        "plain": plain,
        "excerpt": excerpt,
        "iso": _iso,
        **_locale_filters(locale, now),
    }
    untyped.filters.update(filters)
    return env


def _locale_filters(
    locale: Locale, now: Callable[[], datetime]
) -> dict[str, Callable[..., object]]:
    """The filters that speak a language."""

    def since(at: datetime) -> str:
        return ago(at, now(), locale)

    def date(at: datetime, form: str = "minute", zone: tzinfo = UTC) -> str:
        day = format_skeleton("yMMMEd", at.astimezone(zone), locale=locale)
        if form == "day":
            return day
        return f"{day}, {format_time(at.astimezone(zone), 'HH:mm z', tzinfo=zone, locale=locale)}"

    def number(value: float) -> str:
        return format_decimal(value, locale=locale)

    def compact(value: float) -> str:
        return format_compact_decimal(value, locale=locale, fraction_digits=1)

    return {"ago": since, "date": date, "number": number, "compact": compact}


def safe_html(value: SafeHtml) -> Markup:
    """Put sanitised HTML into a page; the only way to do so in a template.

    Code and tables scroll where they are too wide, so the keyboard must reach them
    (WCAG 2.1, 2.1.1).
    """
    reachable = _SCROLLS.sub(r'<\1 tabindex="0"', value)
    return Markup(reachable)  # noqa: S704 - SafeHtml is made by the sanitiser alone


def plain(value: SafeHtml) -> str:
    """The text of sanitised HTML, without tags, with single spaces."""
    return Markup(value).striptags()  # noqa: S704 - stripped of every tag


def excerpt(value: str, length: int = 240) -> str:
    """The beginning of a plain text, cut between words, at most `length` characters and `…`."""
    text = " ".join(value.split())
    if len(text) <= length:
        return text
    head = text[: length + 1]
    at = head.rfind(" ")
    return f"{head[: at if at > length // 2 else length].rstrip(' ,;:–—-')}…"


def ago(at: datetime, now: datetime, locale: Locale) -> str:
    """How long ago `at` was ("2 hours ago"); the date where that is more than a week.

    A time of the future that is due to another server's clock counts as now, up to a minute.
    """
    seconds = (now - at).total_seconds()
    if -60 <= seconds < 1:
        seconds = 1
    if abs(seconds) >= _WEEK:
        parts = "MMMd" if at.year == now.year else "yMMMd"
        return format_skeleton(parts, at, locale=locale)
    return format_timedelta(
        timedelta(seconds=-seconds), add_direction=True, threshold=1, format="short", locale=locale
    )


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
