"""Text as search compares it: words without case, accents and signs."""

import html as markup
import re
import unicodedata
from collections.abc import Iterator

LONGEST_WORD = 64
MOST_WORDS = 10_000
_MOST_BYTES = 400_000
"""PostgreSQL refuses a tsvector of a megabyte; its positions end at 16,383."""

# Scripts that put no blanks between words: each sign is a word, and a word typed is a phrase.
_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3040-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_NO_ACCENT = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"})
_INLINE = re.compile(
    r"</?(?:a|span|code|kbd|em|strong|b|i|del|ins|s|u|sup|sub|ruby|rt|rp)(?:\s[^<>]*)?>"
)
_TAG = re.compile(r"<[^<>]*>")


def fold(text: str) -> list[str]:
    """The words of a text, in its order: `Ångström, l’été!` is angstrom, l, ete.

    A word beyond 64 characters is cut; words beyond the first 10,000 are left out. The index and
    what is asked of it are folded alike, so the databases have nothing to tell apart themselves.
    """
    flat = _flat(text)
    if len(flat) <= MOST_WORDS:  # too short for any limit but that of a word
        found: list[str] = _WORD.findall(flat)
        return [word[:LONGEST_WORD] for word in found]
    words: list[str] = []
    room = _MOST_BYTES
    for match in _WORD.finditer(flat):
        word = match[0][:LONGEST_WORD]
        room -= len(word.encode(errors="replace"))
        if room < 0 or len(words) == MOST_WORDS:
            break
        words.append(word)
    return words


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Where the words of a text stand, and each as it is compared."""
    for match in _WORD.finditer(text):
        folded = "".join(_WORD.findall(_flat(match[0])))
        yield match.start(), match.end(), folded[:LONGEST_WORD]


def shown_words(html: str) -> str:
    """Clean HTML as text for the index, in one go: blocks end words, inline tags do not."""
    return markup.unescape(_TAG.sub(" ", _INLINE.sub("", html)))


def _flat(text: str) -> str:
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return unicodedata.normalize("NFC", bare).casefold().translate(_NO_ACCENT)
