"""The language of a page: the catalogues there are, one picked by `Accept-Language`.

Catalogues are `.po` files, compiled in memory when they are loaded: what a translator edits is
what is read, and no binary is kept.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import cast

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from starlette.requests import HTTPConnection

from fedcop.errors import Sentence
from fedcop.web.negotiate import preferences

FOLDER = Path(__file__).parent.parent / "locale"
SOURCE = "en"


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """One language of the interface: `code` is the value of `lang`, `direction` ltr or rtl."""

    code: str
    locale: Locale
    translations: NullTranslations

    @property
    def direction(self) -> str:
        return self.locale.text_direction

    def gettext(self, message: str) -> str:
        return self.translations.gettext(message)

    def said(self, words: str) -> str:
        """What an error says, in this language where the catalogue has it."""
        if isinstance(words, Sentence):
            gaps = {name: self._gap(gap) for name, gap in words.gaps.items()}
            return self.gettext(words.form).format(**gaps)
        return self.gettext(words) if words else ""

    def _gap(self, gap: object) -> str:
        if isinstance(gap, datetime):
            at = gap.astimezone(UTC)
            return f"{format_date(at, 'long', self.locale)}, {at:%H:%M} UTC"
        return format_decimal(gap, locale=self.locale) if isinstance(gap, int) else str(gap)


def load(folder: Path = FOLDER) -> dict[str, Language]:
    """Every language of `folder` (`{code}.po`), and English, which needs no catalogue.

    Raises babel's UnknownLocaleError for a file whose name is no locale, and
    PoFileError for one that cannot be read.
    """
    found = {SOURCE: Language(SOURCE, Locale.parse("en_GB"), NullTranslations())}
    for path in sorted(folder.glob("*.po")):
        code = path.stem.replace("_", "-")
        with path.open("rb") as source:
            catalogue = read_po(source, locale=path.stem, abort_invalid=True)
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        found[code] = Language(code, Locale.parse(path.stem), GNUTranslations(compiled))
    return found


@cache
def languages() -> Mapping[str, Language]:
    """The languages that the package brings, loaded once."""
    return load()


def pick(accept_language: str, among: Mapping[str, Language]) -> Language:
    """The language its reader likes best; English where none fits. Never fails.

    `de-AT` is content with `de` (RFC 4647, look-up).
    """
    ranked = sorted(preferences(accept_language), key=lambda item: -item[2])
    known = {code.lower(): language for code, language in among.items()}
    for tag, _, quality in ranked:
        part = tag
        while part and quality > 0:
            if part in known:
                return known[part]
            part = part.rpartition("-")[0]
    return among[SOURCE]


def prefer(request: HTTPConnection, code: str | None) -> None:
    """Answer this request in the language that its reader has chosen, if there is a catalogue."""
    chosen = languages().get(code or "")
    if chosen is not None:
        request.state.language = chosen


def language_of(request: HTTPConnection) -> Language:
    """The language of this request, from `app.state.languages` or the package's own."""
    kept: object = getattr(request.state, "language", None)
    if isinstance(kept, Language):
        return kept
    app_state: object = getattr(request.scope.get("app"), "state", None)
    among = cast("Mapping[str, Language]", getattr(app_state, "languages", None) or languages())
    chosen = pick(request.headers.get("accept-language", ""), among)
    request.state.language = chosen
    return chosen
