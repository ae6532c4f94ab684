"""An excerpt of a text around the words that were searched for, which stand marked in it."""

from collections.abc import Collection

from fedcop.text.folding import spans
from fedcop.text.sanitize import SafeHtml, escape

LENGTH = 240
_LEAD = 60


def mark(
    text: str, words: Collection[str], beginnings: Collection[str] = (), length: int = LENGTH
) -> SafeHtml:
    """At most `length` characters of plain text on one line, beginning shortly before the first
    found word; each found one is in `<mark>`.

    `words` are folded (`folding.fold`); `beginnings` stand for every word that begins so. Where
    none is found it is the beginning of the text.
    """
    line = " ".join(text.split())
    found = [
        (start, end)
        for start, end, folded in spans(line)
        if folded in words or any(folded.startswith(it) for it in beginnings if it)
    ]
    start = _begin(line, found[0][0] if found else 0, length)
    end = _finish(line, start, length)
    parts: list[str] = ["… " if start else ""]
    place = start
    for begins, ends in found:
        if begins < place or ends > end:
            continue
        parts += [escape(line[place:begins]), "<mark>", escape(line[begins:ends]), "</mark>"]
        place = ends
    parts += [escape(line[place:end].rstrip()), "…" if end < len(line) else ""]
    return SafeHtml("".join(parts))


def _begin(line: str, first: int, length: int) -> int:
    if first <= _LEAD or len(line) <= length:
        return 0
    start = max(0, min(first - _LEAD, len(line) - length))
    blank = line.find(" ", start, first)
    return blank + 1 if blank >= 0 else start


def _finish(line: str, start: int, length: int) -> int:
    if len(line) - start <= length:
        return len(line)
    blank = line.rfind(" ", start + length // 2, start + length + 1)
    return blank if blank >= 0 else start + length
