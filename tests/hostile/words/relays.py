"""Sentences about what our community announced, to whom, and in whose words."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.hostile.people import KIND, REMOTE
from tests.hostile.trial import Trial
from tests.hostile.words.table import says
from tests.hostile.world import MARKERS, local


@says(
    "not announced",
    r"0 Announces emitted by \{\{L\}\}/c/public",
    "no Announce",
    "no Announce of an Announce by the group",
)
def nothing_announced(trial: Trial) -> Iterator[str]:
    for one in trial.announces():
        yield f"{one.url} got {one.json.get('id')}"


def _mine(trial: Trial) -> list[tuple[str, dict[str, Any]]]:
    """The announcements that came of the case, with where they went."""
    said = {str(body.get("id")) for body in trial.bodies}
    said |= {
        str(body["object"].get("id"))
        for body in trial.bodies
        if isinstance(body.get("object"), Mapping)
    }
    found: list[tuple[str, dict[str, Any]]] = []
    for one in trial.announces():
        thing = one.json.get("object")
        uri = thing.get("id") if isinstance(thing, Mapping) else thing
        if uri in said:
            found.append((one.url, one.json))
    return found


@says(
    "one post, one Announce, one notification after 51 deliveries",
    "one post, one notification, one Announce",
)
def everything_once(trial: Trial) -> Iterator[str]:
    posts = [row for row in trial.new("posts") if row["confirmed"]]
    if len(posts) != 1:
        yield f"{len(posts)} posts"
    for url, count in Counter(url for url, _ in _mine(trial)).items():
        if count > 1:
            yield f"{url} got {count} Announces"
    if not _mine(trial):
        yield "nothing was announced"
    told = Counter(
        (row["account_id"], row["reason"], row["post_id"]) for row in trial.new("notifications")
    )
    for key, count in told.items():
        if count > 1:
            yield f"{count} notifications {key}"


@says("inner id and actor unchanged")
def as_said(trial: Trial) -> Iterator[str]:
    if not _mine(trial):
        yield "nothing was announced"
    for url, announce in _mine(trial):
        thing = announce["object"]
        if isinstance(thing, Mapping) and (thing.get("id"), thing.get("actor")) != (
            trial.body["id"],
            trial.body["actor"],
        ):
            yield f"{url} got it as {thing.get('id')} by {thing.get('actor')}"


@says("no local rewriting of the author's text")
def same_words(trial: Trial) -> Iterator[str]:
    for url, announce in _mine(trial):
        thing = announce["object"]
        if isinstance(thing, Mapping) and thing.get("object") != trial.body["object"]:
            yield f"{url} got other words"


@says("Announce, outbox and object JSON have no bto/bcc")
async def no_blind_copies(trial: Trial) -> list[str]:
    wrong = [
        f"{one.url} can read them"
        for one in trial.deliveries
        if b'"bto"' in one.body or b'"bcc"' in one.body
    ]
    for target in ("/c/public/outbox", "/c/public/outbox?page=true"):
        reply = await trial.stage.get(target, KIND)
        if '"bto"' in reply.text or '"bcc"' in reply.text:
            wrong.append(f"{target} has them")
    for row in trial.new("activities"):
        path = row["uri"].removeprefix(local(""))
        if path.startswith("/activity/"):
            reply = await trial.stage.get(path, KIND)
            if '"bto"' in reply.text or '"bcc"' in reply.text:
                wrong.append(f"{path} has them")
    return wrong


@says("report visible to moderators only", "not in outbox")
async def reports_are_kept(trial: Trial) -> list[str]:
    """Nobody but stewards reads the words of a report; no other server hears of them."""
    words = re.compile(rf"\b{re.escape(str(trial.body.get('content', '')))}\b")
    wrong = [f"{one.url} got it" for one in trial.deliveries if words.search(one.body.decode())]
    pages = ("/c/public", "/c/public/outbox", "/u/lara/outbox", "/c/public/log")
    for target in pages:
        for accept in ("text/html", KIND):
            reply = await trial.stage.get(target, accept)
            if words.search(reply.text):
                wrong.append(f"{target} has it")
    if not trial.new("reports"):
        wrong.append("there is no report")
    return wrong


@says("reporter rate limited")
def reports_are_few(trial: Trial) -> Iterator[str]:
    """All that a server sends is limited: that is tried by the cases of floods."""
    if len(trial.new("reports")) > 2:
        yield f"{len(trial.new('reports'))} reports of one Flag"


@says("body has no PRIV marker")
def no_marker(trial: Trial) -> Iterator[str]:
    for reply in trial.all_replies:
        for marker in MARKERS:
            if marker in reply.text:
                yield f"{marker} is in the answer"


@says("first 403 with nothing stored and 0 fetches; second accepted")
def partners_only(trial: Trial) -> Iterator[str]:
    first, second = trial.replies[0][0], trial.replies[1][0]
    if first.status != 403:
        yield f"the first was answered {first.status}"
    if second.status not in {200, 202}:
        yield f"the second was answered {second.status}"
    stranger = REMOTE["mallory"]
    if any(one.host == "evil.test" for one in trial.asked):
        yield "the refused host was asked"
    if trial.id_of(stranger.uri) is not None:
        yield "the refused actor is stored"
    if len(trial.new("posts")) != 1:
        yield f"{len(trial.new('posts'))} posts"


@says("a later genuine activity with that id from (\\w+) is still processed")
async def genuine_still_counts(trial: Trial, who: str) -> list[str]:
    from tests.hostile.play import say_as

    remote = REMOTE[who]
    later = json.loads(json.dumps(trial.body))
    note = {**later["object"], "id": f"{remote.uri.rsplit('/u/', 1)[0]}/n/{trial.filling.nonce}"}
    note["attributedTo"] = remote.uri
    later |= {"actor": remote.uri, "object": note}
    reply = await say_as(trial.stage, who, later)
    await trial.stage.rest()
    stored = trial.stage.snapshot().rows("posts", uri=note["id"])
    if reply.status not in {200, 202} or len(stored) != 1:
        return [f"answered {reply.status}, {len(stored)} posts"]
    return []
