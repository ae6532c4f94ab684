"""Sends the stories, each request through the ledger, and again what was not answered."""

import asyncio
import hashlib
import json
import random
import time
from collections.abc import Sequence
from contextlib import suppress

import aiohttp

from tests.doors.peers import rsa_key, sign
from tests.faults.ledger import Ledger
from tests.faults.stories import Act, Story

_AS_PROXIES_SAY = {"X-Forwarded-Proto": "https"}
_PATIENCE = aiohttp.ClientTimeout(total=30)
_FORGER = 99


class Pace:
    """How many activities may have been begun; whoever wants more waits."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(0)
        self.allowed = 0

    def allow(self, upto: int) -> None:
        for _ in range(upto - self.allowed):
            self._free.release()
        self.allowed = max(self.allowed, upto)

    async def take(self) -> None:
        await self._free.acquire()


class Senders:
    """So many stories are told at once."""

    def __init__(
        self, address: str, ledger: Ledger, pace: Pace, seed: int, at_once: int = 48
    ) -> None:
        self._url, self._ledger, self._pace = f"http://{address}/inbox", ledger, pace
        self._random = random.Random(f"senders {seed}")
        self._at_once = at_once
        self.answered = 0
        """Activities of which the last word was said."""
        self.tries = 0
        self.slowest = 0.0
        """Seconds from a request to its answer, at most."""
        self._changed = asyncio.Event()

    async def tell(self, stories: Sequence[Story]) -> None:
        """Return when every activity has been taken, or refused, or given up."""
        waiting = iter(stories)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, timeout=_PATIENCE) as session:

            async def one_after_the_other() -> None:
                for story in waiting:
                    for act in story:
                        await self._pace.take()
                        await self._say(session, act)
                        self.answered += 1
                        self._changed.set()

            async with asyncio.TaskGroup() as group:
                for _ in range(self._at_once):
                    group.create_task(one_after_the_other())

    async def reached(self, answered: int, seconds: float) -> None:
        """Wait until so many are answered, at most for so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.answered < answered:
                    self._changed.clear()
                    await self._changed.wait()

    async def _say(self, session: aiohttp.ClientSession, act: Act) -> None:
        body = json.dumps(act.document).encode()
        wait, repeats = 0.1, 1 if act.again else 0
        while True:
            status = await self._send(session, act, body)
            if status is not None and 200 <= status < 300:
                if not repeats:
                    return
                repeats -= 1
            elif status is None or status >= 500 or status == 429:
                if act.once and status is None:
                    return
                await asyncio.sleep(wait * self._random.uniform(0.5, 1.5))
                wait = min(wait * 2, 1.0)
            else:
                return

    async def _send(self, session: aiohttp.ClientSession, act: Act, body: bytes) -> int | None:
        key = rsa_key(_FORGER) if act.forged else act.by.key
        headers = [*sign(body, key, key_id=act.by.key_id), *_AS_PROXIES_SAY.items()]
        self.tries += 1
        digest = hashlib.sha256(body).hexdigest()
        await self._ledger.write(sent=act.id, hash=digest, what=act.what)
        status: int | None = None
        wait: str | None = None
        begun = time.monotonic()
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with session.post(self._url, data=body, headers=headers) as said:
                status, wait = said.status, said.headers.get("Retry-After")
                self.slowest = max(self.slowest, time.monotonic() - begun)
        await self._ledger.write(answered=act.id, status=status, wait=wait)
        return status
