"""A member who writes by the forms of the pages, and sends again those that nobody answered."""

import asyncio
import hashlib
import random
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import aiohttp
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.doors.peers import HOME
from tests.faults.ledger import ACKNOWLEDGED, REFUSED, Ledger, Read

_AS_A_BROWSER = {
    "Host": HOME,
    "X-Forwarded-Proto": "https",
    "Origin": f"https://{HOME}",
    "Sec-Fetch-Site": "same-origin",
    "Accept": "text/html",
}
_PATIENCE = aiohttp.ClientTimeout(total=30)
_TABS = 2
_STARTS = 0.3
_POSTS = """
SELECT p.uri, c.uri, p.parent_id IS NULL, p.source, said.uri
FROM posts p JOIN actors c ON c.id = p.community_id
LEFT JOIN activities said ON said.object_uri = p.uri AND said.type = 'Create' AND said.local
WHERE p.local AND p.source LIKE 'form-%'
"""


@dataclass(frozen=True, slots=True)
class Written:
    """A post that was made by a form."""

    uri: str
    community: str
    is_starter: bool
    create: str


@dataclass
class Member:
    """Somebody with an account, signed in, with two tabs open. Each piece stands in the ledger.

    What is not answered, or put off, is sent again, the very same form. `starters` are discussions
    by their communities; `most` is how many pieces are written altogether.
    """

    address: str
    session: str
    starters: Mapping[str, str]
    file: Path
    seed: int
    most: int
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    async def write(self, stop: asyncio.Event) -> None:
        """Write until `stop` is set; what was begun is finished."""
        chance = random.Random(f"member {self.seed}")
        headers = {**_AS_A_BROWSER, "Cookie": f"__Host-fedcop={self.session}"}
        ledger = Ledger(self.file)
        async with aiohttp.ClientSession(headers=headers, timeout=_PATIENCE) as browser:

            async def tab() -> None:
                while not stop.is_set() and (number := next(self._numbers)) <= self.most:
                    await self._send(browser, ledger, number, chance, stop)
                    await asyncio.sleep(chance.uniform(0.02, 0.2))

            async with asyncio.TaskGroup() as group:
                for _ in range(_TABS):
                    group.create_task(tab())
        ledger.close()

    async def _send(
        self,
        browser: aiohttp.ClientSession,
        ledger: Ledger,
        number: int,
        chance: random.Random,
        stop: asyncio.Event,
    ) -> None:
        community = chance.choice(sorted(self.starters))
        source = f"form-{self.seed}-{number}: {'What we saw this week. ' * chance.randint(1, 20)}"
        if starts := chance.random() < _STARTS:
            path, form = f"/c/{_last(community)}/new", {"title": "A note", "source": source}
        else:
            path, form = f"/p/{_last(self.starters[community])}/reply", {"source": source}
        name, wait = source.partition(":")[0], 0.1
        what = {"community": community, "starts": starts}
        while True:
            await ledger.write(
                sent=name, hash=hashlib.sha256(source.encode()).hexdigest(), what=what
            )
            status: int | None = None
            after: str | None = None
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                url = f"http://{self.address}{path}"
                async with browser.post(url, data=form, allow_redirects=False) as said:
                    status, after = said.status, said.headers.get("Retry-After")
                    if said.headers.get("Location", "").startswith("/sign-in"):
                        status = 401
            await ledger.write(answered=name, status=status, wait=after)
            is_put_off = status is None or status >= 500 or status == 429
            if not is_put_off or (status == 429 and stop.is_set()):
                return
            await asyncio.sleep(wait)
            wait = min(wait * 2, 1.0)


async def _post(
    browser: aiohttp.ClientSession, url: str, form: Mapping[str, str]
) -> tuple[int | None, str | None]:
    """The status, and when to come again; None for no answer, 401 for the way to the sign-in."""
    with suppress(aiohttp.ClientError, OSError, TimeoutError):
        async with browser.post(url, data=form, allow_redirects=False) as said:
            if said.headers.get("Location", "").startswith("/sign-in"):
                return 401, None
            return said.status, said.headers.get("Retry-After")
    return None, None


def check(session: Session, ledger: Read) -> tuple[list[Written], list[str]]:
    """What stands in the database of all that was written, and what is wrong with it.

    What was answered with the way to it is there once; what was not, at most once.
    """
    wrong = [f"{entry.id} was answered {entry.answers}" for entry in ledger.of_kind(REFUSED)]
    wrong += [f"{entry.id} had no Retry-After" for entry in ledger.values() if entry.without_wait]
    found: dict[str, Written] = {}
    for uri, community, is_starter, source, create in session.execute(text(_POSTS)):
        name = source.partition(":")[0]
        entry = ledger.get(name)
        what = {"community": community, "starts": bool(is_starter)}
        if entry is None or entry.what != what:
            wrong.append(f"{uri} ({name}) is not what was written")
        if name in found:
            wrong.append(f"{name} stands, or was told, twice: {uri}, {found[name].uri}")
        if create is None:
            wrong.append(f"{uri} ({name}) was never said")
        found[name] = Written(uri, community, bool(is_starter), str(create))
    lost = {entry.id for entry in ledger.of_kind(ACKNOWLEDGED)} - found.keys()
    return list(found.values()), [*wrong, *(f"{name} was answered, and is lost" for name in lost)]


def _last(uri: str) -> str:
    return uri.rpartition("/")[2]
