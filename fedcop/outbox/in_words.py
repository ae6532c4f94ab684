"""How things stand with a partner server, as one sentence that says cause and next step."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from fedcop.net.reasons import REASONS
from fedcop.outbox.partners import Condition, Overview, Partner


class Speaker(Protocol):
    """The reader's language: its sentences, and its words for moments."""

    def gettext(self, message: str, /) -> str: ...
    def ngettext(self, one: str, many: str, n: int, /) -> str: ...

    def ago(self, at: datetime, /) -> str:
        """How long ago, or in how long."""
        ...


def in_words(partner: Partner, speak: Speaker) -> str:
    """How things stand with this server, and what happens next."""
    return _with(*_WORDS[partner.condition](partner, speak))


def cause_of(partner: Partner, speak: Speaker) -> str:
    """What stood in the way; our own sentences in the reader's language."""
    return speak.gettext(partner.cause) if partner.cause in REASONS else partner.cause


def summary(found: Overview, speak: Speaker) -> str:
    """All partners in one sentence: “14 partners · all delivered · 1 slow”."""
    _, n_ = speak.gettext, speak.ngettext
    parts = [n_("%(num)s partner server", "%(num)s partner servers", found.partners)]
    numbers = [found.partners]
    if found.partners and found.delivered == found.partners:
        parts.append(_("all delivered"))
        numbers.append(0)
    if found.last_delivery is not None:
        parts.append(_("last delivery %(ago)s") % {"ago": speak.ago(found.last_delivery)})
        numbers.append(0)
    for count, words in (
        (found.slow, n_("%(num)s slow", "%(num)s slow", found.slow)),
        (found.away, n_("%(num)s not reached", "%(num)s not reached", found.away)),
        (found.blocked, n_("%(num)s blocked", "%(num)s blocked", found.blocked)),
    ):
        if count:
            parts.append(words)
            numbers.append(count)
    said = [part.replace("%(num)s", str(n)) for part, n in zip(parts, numbers, strict=True)]
    return " · ".join(said)


def _blocked(partner: Partner, speak: Speaker) -> list[str]:
    said, cause = speak.gettext("You blocked it"), partner.cause
    return [f"{said}: {cause}" if cause else f"{said}."]


def _left_out(_: Partner, speak: Speaker) -> list[str]:
    return [
        speak.gettext("It is not among the servers that you allow, and you speak with those only.")
    ]


def _parked(partner: Partner, speak: Speaker) -> list[str]:
    _ = speak.gettext
    said = _("Parked, because it stopped answering %(since)s: it gets everything when it is back.")
    again = _("It is tried again at once.")
    if partner.next_try is not None:
        again = _("It is tried again %(at)s.") % {"at": speak.ago(partner.next_try)}
    return [said % {"since": _since(partner, speak)}, cause_of(partner, speak), again]


def _failing(partner: Partner, speak: Speaker) -> list[str]:
    said = speak.gettext("It stopped answering %(since)s.") % {"since": _since(partner, speak)}
    return [said, cause_of(partner, speak), _tried(partner, speak), *_sending(partner, speak)]


def _slow(partner: Partner, speak: Speaker) -> list[str]:
    return [*_sending(partner, speak), cause_of(partner, speak), _tried(partner, speak)]


def _sending(partner: Partner, speak: Speaker) -> list[str]:
    if partner.oldest is None:
        return []
    said = speak.ngettext(
        "%(num)s thing waits to be brought, said %(ago)s.",
        "%(num)s things wait to be brought, the first said %(ago)s.",
        partner.waiting,
    )
    return [said % {"num": partner.waiting, "ago": speak.ago(partner.oldest)}]


def _delivered(partner: Partner, speak: Speaker) -> list[str]:
    last = partner.last_delivery
    said = speak.gettext("All delivered; last %(ago)s.")
    return [said % {"ago": speak.ago(last) if last else "–"}]


def _quiet(_: Partner, speak: Speaker) -> list[str]:
    return [speak.gettext("Nothing had to be brought there yet.")]


_WORDS: Mapping[Condition, Callable[[Partner, Speaker], list[str]]] = {
    Condition.BLOCKED: _blocked,
    Condition.LEFT_OUT: _left_out,
    Condition.PARKED: _parked,
    Condition.FAILING: _failing,
    Condition.SLOW: _slow,
    Condition.SENDING: _sending,
    Condition.DELIVERED: _delivered,
    Condition.QUIET: _quiet,
}


def _with(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _since(partner: Partner, speak: Speaker) -> str:
    return speak.ago(partner.failing_since) if partner.failing_since else "–"


def _tried(partner: Partner, speak: Speaker) -> str:
    if partner.next_try is None:
        return speak.gettext("It is tried again at once.")
    return speak.gettext("It is tried again %(at)s.") % {"at": speak.ago(partner.next_try)}
