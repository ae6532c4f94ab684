"""The Jinja2 environment that pages and mails are written in.

One environment serves one language: its filters and its `_()` know the locale, so a macro that is
imported without a context still speaks the reader's language. What a value needs to be shown as
HTML is `SafeHtml`; everything else is escaped.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from babel import Locale
from babel.numbers import format_compact_decimal, format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from fedcop.text.compiled import Compiled
from fedcop.text.moments import Moments, iso
from fedcop.text.sanitize import SafeHtml

_KEPT = 4_096
_SCROLLS = re.compile(r"<(pre|table)(?=[ >])(?![^>]* tabindex=)")
_MOMENT = Markup('<time datetime="%s" title="%s">%s</time>')
_ICON = Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="%s#%s"/></svg>')
EXTENSIONS = ("jinja2.ext.i18n", "jinja2.ext.do")


def environment(
    folder: Path,
    locale: Locale,
    translations: NullTranslations,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sprite: str = "icons.svg",
) -> Environment:
    """An environment over the templates of `folder`, for one language.

    Autoescape is always on, an undefined name is an error, and `_`, `ngettext` and `{% trans %}`
    take named values (`_("%(n)s things", n=3)`), which are escaped. Filters: `safe_html`, `plain`,
    `excerpt`, `ago`, `date` ("minute" or "day", and a time zone, else UTC), `iso`, `when` (all
    three of a moment, as an element), `number`, `compact`. `now` is the clock behind `ago`.
    `icon(name)` is a picture of the file of pictures at the address `sprite`.
    """
    env = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=list(EXTENSIONS),
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=Compiled(folder, str(locale), __file__),
    )
    untyped: Any = env
    untyped.install_gettext_translations(translations, newstyle=True)
    untyped.globals.update(_words(translations))
    untyped.globals["icon"] = _icons(sprite)
    env.policies["ext.i18n.trimmed"] = True
    filters: dict[str, Callable[..., object]] = {
        "safe_html": safe_html,
        "plain": plain,
        "excerpt": excerpt,
        "iso": iso,
        **_locale_filters(locale, now),
    }
    untyped.filters.update(filters)
    return env


def _locale_filters(
    locale: Locale, now: Callable[[], datetime]
) -> dict[str, Callable[..., object]]:
    """The filters that speak a language."""

    moments = Moments(locale, now)

    def when(at: datetime) -> Markup:
        return _MOMENT % (iso(at), moments.date(at), moments.ago(at))

    def number(value: float) -> str:
        return format_decimal(value, locale=locale)

    def compact(value: float) -> str:
        return format_compact_decimal(value, locale=locale, fraction_digits=1)

    return {
        "ago": moments.ago,
        "date": moments.date,
        "when": when,
        "number": number,
        "compact": compact,
    }


def _words(translations: NullTranslations) -> dict[str, Callable[..., Markup]]:
    """`_` and `ngettext` as Jinja2's own, but a sentence is looked up and prepared once."""

    @lru_cache(_KEPT)
    def form(message: str) -> Markup:
        return Markup(translations.gettext(message))  # noqa: S704 - the house's own words

    @lru_cache(_KEPT)
    def whole(message: str) -> Markup:
        return form(message) % {}

    def gettext(message: str, /, **gaps: object) -> Markup:
        return form(message) % gaps if gaps else whole(message)

    def ngettext(singular: str, plural: str, num: int, /, **gaps: object) -> Markup:
        said = Markup(translations.ngettext(singular, plural, num))  # noqa: S704 - our own words
        return said % {"num": num, **gaps}

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext}


def _icons(sprite: str) -> Callable[[str], Markup]:
    """A picture from the file of pictures. It is decoration: the words stand beside it."""

    @lru_cache(_KEPT)
    def icon(name: str) -> Markup:
        return _ICON % (sprite, name)

    return icon


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
