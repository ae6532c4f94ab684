"""The verdict on a case: status, state, what went out, and its sentences."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.hostile.cases import Case
from tests.hostile.people import KIND
from tests.hostile.play import Player
from tests.hostile.states import Doers, repeats, trespasses
from tests.hostile.trial import Trial
from tests.hostile.wire import Reply
from tests.hostile.words import allowed, check
from tests.hostile.words.content import disclosed
from tests.hostile.world import local

SLOWEST = 1.0
_SLOWER = 4
_SLOW = "p95 of a page beside it"
_FOLLOWERS = ("peer.test", "victim.test")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_MARKUP = re.compile(r"<[^>]*>")


@dataclass(slots=True)
class Verdict:
    """What came of a case. `missing` names the feature without which it cannot be played."""

    case: Case
    failures: list[str] = field(default_factory=list[str])
    not_evaluated: list[str] = field(default_factory=list[str])
    missing: str = ""
    notes: list[str] = field(default_factory=list[str])
    seconds: float = 0.0

    @property
    def result(self) -> str:
        """`passed` only if every word of it was understood and is true."""
        if self.missing:
            return "not yet applicable"
        if self.failures:
            return "failed"
        return "not evaluated" if self.not_evaluated else "passed"

    @property
    def was_only_slow(self) -> bool:
        """Nothing is wrong but how long pages took."""
        return bool(self.failures) and all(it.startswith(_SLOW) for it in self.failures)

    def as_json(self) -> dict[str, Any]:
        case = self.case
        found: dict[str, Any] = {
            "id": case.id,
            "area": case.area,
            "severity": case.severity,
            "control": case.control,
            "result": self.result,
            "seconds": round(self.seconds, 2),
        }
        for name in ("failures", "not_evaluated", "missing", "notes"):
            if getattr(self, name):
                found[name] = getattr(self, name)
        return found


async def judge(player: Player, trial: Trial) -> Verdict:
    """Everything that the case expects, and what every case has to leave whole."""
    verdict = Verdict(trial.case, notes=trial.notes)
    verdict.failures += trial.trouble
    verdict.failures += _status(trial)
    verdict.failures += _outbound(trial)
    verdict.failures += _state(trial)
    for sentence in trial.case.sentences:
        wrong, unknown = await check(trial, sentence)
        verdict.failures += wrong
        verdict.not_evaluated += unknown
    if trial.case.state == "S2":
        verdict.failures += await _twice(player, trial)
    verdict.failures += await _left_whole(trial)
    return verdict


def _status(trial: Trial) -> Iterator[str]:
    """Each answer is one of those listed; 5xx only if it is."""
    case = trial.case
    for reply in trial.all_replies:
        if reply.status == 400 and _is_forbidden_by_http(trial):
            continue
        if not _is_listed(case, reply):
            yield f"answered {reply.status or 'by closing'}: {reply.text[:160]!r}"
            return


def _is_listed(case: Case, reply: Reply) -> bool:
    if reply.status == 0:
        return "close" in case.status
    if reply.status in case.status:
        return True
    return not case.status and f"{reply.status // 100}xx" in case.classes


def _is_forbidden_by_http(trial: Trial) -> bool:
    """Whether a header has a control character: then HTTP lets it be refused (RFC 9110, 5.5)."""
    values = [value for step in trial.case.steps for value in step.headers.values()]
    return any(_CONTROL.search(trial.filling.text(value)) for value in values)


def _says_something(trial: Trial) -> bool:
    """Whether anything is left of what a post says, without its markup: if not, it is no post."""
    thing = trial.body.get("object")
    if not isinstance(thing, Mapping) or "content" not in thing:
        return True
    beside = any(thing.get(name) for name in ("name", "summary", "attachment"))
    return beside or bool(_MARKUP.sub("", str(thing["content"])).strip())


def _outbound(trial: Trial) -> Iterator[str]:
    """What went out: at most so much, and nothing to what is forbidden.

    Where the case leaves nothing (S0), all counts; else what is brought to members does not.
    """
    went = _went_out(trial)
    most = trial.case.outbound.get("max")
    if most is not None and len(went) > int(most):
        yield f"outbound {len(went)} > {most}: {went[:5]}"
    for words in trial.case.outbound.get("forbid", ()):
        text = trial.filling.text(words)
        for one in _forbidden(trial, text):
            yield f"outbound to {text}: {one}"


def _went_out(trial: Trial) -> list[str]:
    everything = trial.case.state == "S0"
    found = [
        f"{one.method} {one.url}"
        for one in trial.asked
        if everything or not one.is_delivery or one.host not in _FOLLOWERS
    ]
    if not everything:
        found = [one for one in found if "nodeinfo" not in one]
    found += [
        f"{entry['kind']} {entry['address']}:{entry['port']}"
        for entry in trial.ledger
        if entry["kind"] == "refused" or (entry["kind"] == "connect" and not entry["ours"])
    ]
    return found


def _forbidden(trial: Trial, text: str) -> Iterator[str]:
    if text == "any follower inbox":
        yield from (one.url for one in trial.deliveries if one.host in _FOLLOWERS)
        return
    for one in trial.asked:
        if one.url.startswith(text):
            yield one.url
    for entry in trial.ledger:
        address = f"{entry.get('address')}:{entry.get('port')}"
        plain = text == "http://" and entry.get("port") == 80
        if entry["kind"] == "connect" and not entry["ours"] and address.startswith(text):
            yield f"connect {address}"
        elif entry["kind"] != "refused" and plain:
            yield f"{entry['kind']} {entry.get('name') or address} for plain http"


def _state(trial: Trial) -> Iterator[str]:
    doers = Doers(trial.doers, trial.after, trial.fetched)
    found = [change for change in trial.changes if not allowed(trial.case, change)]
    accepted = not trial.refused and trial.case.steps[-1].method == "POST"
    accepted = accepted and _says_something(trial)
    yield from trespasses(trial.case.state, found, doers, accepted=accepted)
    if trial.case.state == "S4":
        yield from disclosed(trial)


async def _twice(player: Player, trial: Trial) -> list[str]:
    once = trial.stage.snapshot()
    await player.again(trial)
    return list(repeats(once, trial.stage.snapshot()))


async def _left_whole(trial: Trial) -> list[str]:
    """The process lives, pages are quick, and what is asked for afterwards is answered."""
    wrong: list[str] = []
    stage = trial.stage
    if not stage.alive():
        return ["the process died"]
    if trial.p95() > SLOWEST:
        idle = max([(await stage.get("/")).seconds for _ in range(5)])
        if trial.p95() > _SLOWER * idle:  # else it is the machine that has no time
            wrong.append(f"{_SLOW} is {trial.p95():.1f} s, of one alone {idle:.1f}")
    for target, accept in (("/", "text/html"), ("/c/public", KIND)):
        reply = await stage.get(target, accept)
        if reply.status != 200:
            wrong.append(f"afterwards, {target} answers {reply.status}")
    group = await stage.get("/c/public", KIND)
    if local("/c/public") not in group.text:
        wrong.append("afterwards, the community is not itself")
    if any(line.get("event") == "unexpected" for line in stage.log_lines()):
        wrong.append("the log has an error that nobody had foreseen")
    return wrong
