"""Plays one case on a stage: lays its setup, sends its requests, and gathers what followed."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tests.hostile import slowly
from tests.hostile.cases import Case, Step
from tests.hostile.filling import Filling, as_bytes
from tests.hostile.paths import FORM, NotApplicable, Way, check_feature, encoded, redirected
from tests.hostile.payloads import MANNERS, Unknown, raw_bytes
from tests.hostile.people import HOSTS, KIND, PUBLIC, REMOTE, base
from tests.hostile.signing import Pairs, Unsigned, sign
from tests.hostile.stage import Stage
from tests.hostile.trial import Sent, Trial
from tests.hostile.wire import AS_A_BROWSER, Reply, exchange, head, usual
from tests.hostile.words import Laying, laying, peers
from tests.hostile.words.setups import remember_post
from tests.hostile.world import local

AT_ONCE = 25
MOST_TIMES = 1_600
"""So often, at most, one request is repeated; more than any limit allows."""
_STRANGERS = 120
_PAGE_PAUSE, _LONG_PAUSE, _OFTEN = 0.03, 0.5, 10
_NO_HEADERS: Mapping[str, str] = {}
_RECIPE = {
    "scheme": "cavage",
    "algorithm": "rsa-sha256",
    "headers": "(request-target) host date digest",
}


class Player:
    """One case on one stage. `most` is how often a request is repeated at most."""

    def __init__(self, case: Case, stage: Stage, most: int = MOST_TIMES) -> None:
        self.case, self.stage, self.most = case, stage, most
        self.filling = Filling(stage.paths)
        self.laying = Laying(case, stage, self.filling)
        self._ids: dict[str, Step] = {}

    async def play(self) -> Trial:
        """Everything from the setup to the last snapshot. Raises Unknown and NotApplicable."""
        self._check_applicable()
        peers.serve(self.laying)
        wanted = list(laying(self.case))
        down = any(setup.fresh for setup, _ in wanted)
        if down:
            await self.stage.server.kill()
        for setup, match in wanted:
            await setup.lay(self.laying, *match.groups())
        await self._store_what_is_changed()
        if down:
            await self.stage.up()
        await self.stage.rest()
        self.stage.mark()
        before = self.stage.snapshot()
        trial = Trial(self.case, self.stage, self.filling, before, before)
        await self._send_all(trial)
        trial.rested = await self.stage.rest()
        trial.after = self.stage.snapshot()
        trial.asked, trial.ledger = self.stage.asked(), self.stage.ledger()
        return trial

    def _check_applicable(self) -> None:
        """That nothing private is disclosed can be seen when there is something private."""
        words = f"{self.case.sentences} {self.case.title} {[step.url for step in self.case.steps]}"
        if self.case.state == "S4" and re.search(r"PRIV|private", words):
            raise NotApplicable("private communities")
        for step in self.case.steps:
            check_feature(step.url.removeprefix("{{L}}"))

    async def _store_what_is_changed(self) -> None:
        """What a case updates, and its peers serve, was known before, unless the case brings it."""
        said = [self.filling.value(step.body) for step in self.case.steps]
        bodies = [body for body in said if isinstance(body, Mapping)]
        created = [body for body in bodies if body.get("type") == "Create"]
        for body in bodies:
            thing = body.get("object")
            uri = thing.get("id") if isinstance(thing, Mapping) else thing
            known = self.laying.pages.get(str(uri))
            if body.get("type") == "Update" and known is not None and not created:
                await remember_post(self.laying, known, local("/c/public"))

    async def again(self, trial: Trial) -> None:
        """Send the same bytes once more, and wait."""
        for sent in trial.sent:
            for one in sent[:3]:
                await exchange(self.stage.door, one.wire)
        await self.stage.rest()

    async def _send_all(self, trial: Trial) -> None:
        """All steps, one after the other, each brought to rest; pages are asked for meanwhile."""
        measured = any(" CPU" in sentence for sentence in self.case.sentences)
        if measured:
            await self.stage.warm()
        self.stage.forget_peak()
        resident, used = self.stage.resident(), self.stage.cpu()
        watching = None if measured else asyncio.create_task(self._watch(trial))
        try:
            for number, step in enumerate(self.case.steps):
                if number:
                    await self.stage.rest()
                await self._send_step(trial, step)
            if measured:
                trial.cpu = self.stage.cpu() - used
                for _ in range(3):
                    await self._ask_page(trial)
        finally:
            if watching is not None:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
        trial.growth = max(0, self.stage.memory() - resident)

    async def _watch(self, trial: Trial) -> None:
        while True:
            await self._ask_page(trial)
            often = len(trial.others) < _OFTEN
            await asyncio.sleep(_PAGE_PAUSE if often else _LONG_PAUSE)

    async def _ask_page(self, trial: Trial) -> None:
        reply = await self.stage.get("/")
        trial.others.append(reply.seconds)
        if reply.status != 200:
            trial.trouble.append(f"a page beside it was answered {reply.status}")

    async def _send_step(self, trial: Trial, step: Step) -> None:
        if step.raw in MANNERS:
            path = step.url.removeprefix("{{L}}")
            replies = await slowly.send(step.raw or "", self.stage.door, self.stage.client(), path)
            trial.replies.append(replies)
            trial.sent.append([])
            return
        times = min(step.times, self._most_of(step))
        if times < step.times:
            trial.notes.append(f"repeated {times} times, not {step.times}")
        earlier = (step.sign or {}).get("replay_of")
        if earlier is None:
            sent = [self._request(step, turn) for turn in range(1, times + 1)]
        else:
            sent = [trial.sent[earlier][0]] * times
        trial.sent.append(sent)
        done = asyncio.Event()
        beside = asyncio.create_task(self._beside(trial, done))
        trial.replies.append(await self._exchange(sent))
        done.set()
        await beside

    def _most_of(self, step: Step) -> int:
        everybody_new = "{{i}}" in str((step.sign or {}).get("keyId", "")).partition("/u/")[0]
        return min(self.most, _STRANGERS) if everybody_new else self.most

    async def _exchange(self, sent: list[Sent]) -> list[Reply]:
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(each: Sent) -> Reply:
            async with turn:
                reply = await exchange(self.stage.door, each.wire)
                return await self._follow(each, reply)

        return list(await asyncio.gather(*(one(each) for each in sent)))

    async def _follow(self, sent: Sent, reply: Reply) -> Reply:
        """The page behind a redirect, where the case would have got the thing itself."""
        location = reply.header("location")
        if any(pair[0] == "set-cookie" and "__Host-fedcop=" in pair[1] for pair in reply.headers):
            return reply  # that a session begins or ends is the answer
        if sent.door != "page" or reply.status not in {302, 303} or not location:
            return reply
        if "://" in location and not location.startswith(base("L")):
            return reply
        way = redirected(Way("GET", ""), location)
        return await exchange(self.stage.door, self._page(way, sent.user).wire)

    async def _beside(self, trial: Trial, done: asyncio.Event) -> None:
        """Let an honest sender say something again and again, until the flood is over."""
        number = 0
        trial.honest += [self.laying.beside] if self.laying.beside else []
        while self.laying.beside and not done.is_set():
            number += 1
            uri = f"{base('P')}/beside/{self.filling.nonce}/{number}"
            post = self.stage.world.uris["public"]
            verb, thing = ("Like", post)
            said = {"id": uri, "type": verb, "actor": REMOTE["alice"].uri, "object": thing}
            said |= {"to": [local("/c/public"), PUBLIC], "cc": []}
            trial.beside.append(await say_as(self.stage, self.laying.beside, said))
            await asyncio.sleep(0.1)

    def _request(self, step: Step, turn: int) -> Sent:
        url = self.filling.url(step.url, turn)
        body = self.filling.value(step.body, turn)
        way = self.stage.paths.way(step.method, url, body, self._form(step))
        if way.form is not None or step.user or way.follows:
            return self._page(way, step.user, step.headers, turn)
        for change in self.laying.bodies:
            body = change(body)
        body = self._with_own_id(step, body)
        if self.laying.inboxes:
            way, body, step = self._elsewhere(way, body, step, turn)
        content = self._content(step, body)
        return self._post(way, step, body, content, turn)

    def _with_own_id(self, step: Step, body: Any) -> Any:
        """Two different activities of a case never share an id, whatever its words come to."""
        if not isinstance(body, dict) or not isinstance(body.get("id"), str):
            return body
        uri = str(body["id"])
        first = self._ids.setdefault(uri, step)
        return body if first is step else {**body, "id": f"{uri}-{len(self._ids)}"}

    def _form(self, step: Step) -> dict[str, str] | None:
        if step.form is None:
            return None
        return {name: self.filling.text(str(it)) for name, it in step.form.items()}

    def _elsewhere(self, way: Way, body: Any, step: Step, turn: int) -> tuple[Way, Any, Step]:
        """The same to another inbox; the last time in the Announce of a group."""
        inboxes = self.laying.inboxes
        way = replace(way, url=inboxes[(turn - 1) % len(inboxes)])
        if turn % len(inboxes):
            return way, body, step
        name = self.laying.wrapped_by
        group = REMOTE[name].uri
        announce = {
            "@context": body.get("@context"),
            "id": f"{base(REMOTE[name].letter)}/a/{self.filling.nonce}",
            "type": "Announce",
            "actor": group,
            "object": body,
            "to": [PUBLIC],
            "cc": [],
        }
        recipe = dict(step.sign or {}) | {"key": name, "keyId": f"{group}#main-key"}
        return way, announce, replace(step, sign=recipe)

    def _content(self, step: Step, body: Any) -> bytes | None:
        if step.raw is not None:
            usual_activity = _ordinary(step, self.filling.nonce)
            words = step.raw
            if words.startswith("{") and "…" in words:
                words = self.filling.text(words)
            return raw_bytes(words, usual_activity)
        return None if body is None else as_bytes(body)

    def _page(
        self,
        way: Way,
        user: str | None,
        own: Mapping[str, str] = _NO_HEADERS,
        turn: int = 1,
    ) -> Sent:
        """A request as a browser sends it; with the session of a local user, if there is one.

        What the case says itself of headers counts for more: another origin is another site.
        """
        content = encoded(way)
        headers = dict(AS_A_BROWSER)
        if user and user.partition("_")[0] != user:
            raise NotApplicable("OAuth")  # a token of less than everything
        if user and user not in self.stage.world.sessions:
            raise Unknown(f"user: {user}")
        if user:
            headers["Cookie"] = f"__Host-fedcop={self.stage.world.sessions[user]}"
        if content is not None:
            headers |= {"Content-Type": FORM, "Origin": base("L")}
        headers |= {name: self.filling.text(it, turn) for name, it in own.items()}
        if headers.get("Origin", base("L")) != base("L"):
            headers["Sec-Fetch-Site"] = "cross-site"
        return Sent("page", self._wire(way, list(headers.items()), content), user=user)

    def _post(self, way: Way, step: Step, body: Any, content: bytes | None, turn: int) -> Sent:
        headers = [(name, self.filling.text(it)) for name, it in step.headers.items()]
        if step.sign is not None:
            recipe = {**step.sign}
            for name in ("key", "keyId"):
                recipe[name] = self.filling.text(str(recipe[name]), turn)
            if recipe.get("tamper"):
                recipe["tamper"] = {
                    name: self.filling.text(str(it), turn) for name, it in recipe["tamper"].items()
                }
            signed = sign(Unsigned(way.method, way.url, content), recipe)
            headers += signed.headers
            content = signed.body
            if recipe.get("raw_http"):
                return Sent("inbox", self._raw(way, headers, content, recipe["raw_http"]), body)
        return Sent("inbox", self._wire(way, headers, content), body)

    def _wire(self, way: Way, headers: Pairs, content: bytes | None) -> bytes:
        target = way.url.removeprefix(base("L")) or "/"
        given = usual(self.stage.door, self.stage.client(), headers, content)
        return head(way.method, target, given) + (content or b"")

    def _raw(self, way: Way, headers: Pairs, content: bytes | None, words: str) -> bytes:
        """Framing that contradicts itself, as the words say."""
        content = content or b""
        given = usual(self.stage.door, self.stage.client(), headers, content)
        if "duplicate Host" in words:
            given.insert(1, ("Host", HOSTS["V"]))
        if "Transfer-Encoding: chunked" in words:
            given.append(("Transfer-Encoding", "chunked"))
            content = b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content)
        return head(way.method, way.url.removeprefix(base("L")), given) + content


def _ordinary(step: Step, nonce: str) -> dict[str, Any]:
    """What whoever signs this would have said, if it were not for the bytes in its place."""
    actor = REMOTE[str((step.sign or {}).get("key", "mallory"))]
    letter = base(actor.letter)
    note = {
        "id": f"{letter}/n/{nonce}",
        "type": "Note",
        "attributedTo": actor.uri,
        "content": f"<p>HOSTILE-{nonce}</p>",
        "to": [local("/c/public"), PUBLIC],
        "cc": [],
        "audience": local("/c/public"),
    }
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{letter}/activities/{nonce}",
        "type": "Create",
        "actor": actor.uri,
        "object": note,
        "to": note["to"],
        "cc": [],
    }


async def say_as(stage: Stage, name: str, activity: Mapping[str, Any]) -> Reply:
    """An honest, well-signed activity of one of the remote actors to the shared inbox."""
    url = local("/inbox")
    content = json.dumps({"@context": "https://www.w3.org/ns/activitystreams", **activity}).encode()
    recipe = _RECIPE | {"key": name, "keyId": f"{REMOTE[name].uri}#main-key"}
    signed = sign(Unsigned("POST", url, content), recipe)
    headers = [("Content-Type", KIND), *signed.headers]
    given = usual(stage.door, stage.client(), headers, content)
    return await exchange(stage.door, head("POST", "/inbox", given) + content)


Judge = Callable[[Trial], Any]
