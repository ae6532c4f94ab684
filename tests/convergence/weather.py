"""Wires that lose, double, delay and refuse requests, and part servers, by a seeded chance."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

import httpx

from tests.fediverse import Wires

LOST, UNANSWERED, DOUBLED, LATE, BUSY = 0.12, 0.12, 0.10, 0.12, 0.06
"""How likely it is that a request never arrives, that its answer does not, that it comes twice,
that it comes later, when nobody waits for it any more, and that it is answered with 503."""


@dataclass
class Sky:
    """What the weather is between all servers; `calm` lets everything through."""

    rnd: Random
    calm: bool = False
    parted: set[frozenset[str]] = field(default_factory=set)
    late: list[tuple["Line", httpx.Request]] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter[str])

    def turn(self, hosts: list[str]) -> None:
        """Perhaps two servers do not reach each other any more, or do again."""
        if self.parted and self.rnd.random() < 0.3:
            self.parted.remove(self.rnd.choice(sorted(self.parted, key=sorted)))
        elif self.rnd.random() < 0.2:
            self.parted.add(frozenset(self.rnd.sample(hosts, 2)))
            self.happened["parted"] += 1

    async def bring_late(self) -> None:
        """Some of what was delayed arrives, in no order; all of it where it is calm."""
        self.rnd.shuffle(self.late)
        while self.late and (self.calm or self.rnd.random() < 0.5):
            line, request = self.late.pop()
            await line.through(request)


class Line(Wires):
    """The way out of one server, under the sky that all share."""

    def __init__(self, host: str, beyond: Wires, sky: Sky) -> None:
        super().__init__()
        self.servers = beyond.servers
        self._host, self._beyond, self._sky = host, beyond, sky

    async def through(self, request: httpx.Request) -> httpx.Response:
        """Let it arrive, now, whatever the weather."""
        copy = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.content
        )
        return await self._beyond.handle_async_request(copy)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        sky = self._sky
        if sky.calm:
            return await self.through(request)
        if frozenset((self._host, request.url.host)) in sky.parted:
            sky.happened["cut off"] += 1
            raise httpx.ConnectError("no way there", request=request)
        return await self._in_storm(request, sky.rnd.random())

    async def _in_storm(self, request: httpx.Request, chance: float) -> httpx.Response:
        happened = self._sky.happened
        if (chance := chance - LOST) < 0:
            happened["lost"] += 1
            raise httpx.ConnectError("lost on the way", request=request)
        if (chance := chance - UNANSWERED) < 0:
            happened["unanswered"] += 1
            await self.through(request)
            raise httpx.ReadError("the answer was lost", request=request)
        if (chance := chance - DOUBLED) < 0:
            happened["doubled"] += 1
            await self.through(request)
        elif (chance := chance - LATE) < 0:
            happened["late"] += 1
            self._sky.late.append((self, request))
            raise httpx.ReadTimeout("nobody answered in time", request=request)
        elif chance - BUSY < 0:
            happened["busy"] += 1
            return httpx.Response(503, stream=httpx.ByteStream(b""), request=request)
        happened["arrived"] += 1
        return await self.through(request)
