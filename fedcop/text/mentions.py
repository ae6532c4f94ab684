"""Who and what a text names: @people, !communities and #tags."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markdown_it import MarkdownIt

MAX_FOUND = 100

_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?"
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}(?::[0-9]{1,5})?"
_HANDLE = re.compile(
    r"(?P<link>\[[^\[\]\n]{0,300}\]\([^()\s]{0,2048}\)|<[^<>\s]{1,2048}>|https?://[^\s<>]+)"
    rf"|(?<![\w/@!#&=.\[\\-])(?P<handle>@{_NAME}(?:@{_HOST})?|!{_NAME}@{_HOST})(?![\w@/]|-\w)"
    r"|(?<![\w/@!#&=.\[\\-])(?P<tag>\#\w*[^\W\d_]\w*)"
)
_BACKTICKS = re.compile(r"(?<!\\)`+")


@dataclass(frozen=True, slots=True)
class Found:
    """Handles and tags with their sign, in the order of the text, each once.

    People are `@name@host` or `@name` (of this server), communities `!name@host`, both in lower
    case; hashtags are `#Tag` as first written.
    """

    people: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()


def find(source: str) -> Found:
    """What Markdown names outside code, links and addresses: at most 100 of each."""
    people: dict[str, None] = {}
    communities: dict[str, None] = {}
    hashtags: dict[str, str] = {}
    for match in _names(source):
        written = match[0]
        if match["tag"]:
            hashtags.setdefault(written.casefold(), written)
        else:
            (people if written[0] == "@" else communities)[written.lower()] = None
    return Found(
        tuple(people)[:MAX_FOUND],
        tuple(communities)[:MAX_FOUND],
        tuple(hashtags.values())[:MAX_FOUND],
    )


def link(source: str, resolved: Mapping[str, str]) -> str:
    """The same Markdown with the names in `resolved` (as in `Found`, any case) turned into links.

    A name that is not resolved stays as it is.
    """
    addresses = {name.casefold(): address for name, address in resolved.items()}
    parts: list[str] = []
    place = 0
    for match in _names(source):
        address = addresses.get(match[0].casefold())
        if address is not None:
            words = match[0].replace("_", "\\_")
            parts += [source[place : match.start()], f"[{words}]({_in_brackets(address)})"]
            place = match.end()
    return "".join([*parts, source[place:]])


def _in_brackets(address: str) -> str:
    return address.replace("(", "%28").replace(")", "%29").replace(" ", "%20")


def _names(source: str) -> Iterator[re.Match[str]]:
    for match in _HANDLE.finditer(_without_code(source)):
        if match["link"] is None:
            yield match


def _without_code(source: str) -> str:
    """`source` with its code blanked out, character for character."""
    lines = source.splitlines(keepends=True)
    if any(mark in source for mark in ("```", "~~~", "    ", "\t")):
        for token in _blocks.parse(source):
            if token.type in {"fence", "code_block"} and token.map:
                for number in range(token.map[0], min(token.map[1], len(lines))):
                    lines[number] = _blank(lines[number])
    text = "".join(lines)
    return _without_spans(text) if "`" in text else text


def _without_spans(text: str) -> str:
    runs = [(match.start(), match.end()) for match in _BACKTICKS.finditer(text)]
    places: dict[int, list[int]] = {}
    for index, (start, end) in enumerate(runs):
        places.setdefault(end - start, []).append(index)
    parts: list[str] = []
    place = index = 0
    while index < len(runs):
        start, end = runs[index]
        same = places[end - start]
        following = bisect_right(same, index)
        if following < len(same) and "\n\n" not in text[end : runs[same[following]][0]]:
            closing = same[following]
            parts += [text[place:start], _blank(text[start : runs[closing][1]])]
            place = runs[closing][1]
            index = closing
        index += 1
    return "".join([*parts, text[place:]])


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


_blocks = MarkdownIt("commonmark", {"html": False})
_blocks.core.ruler.enableOnly(["normalize", "block"])
