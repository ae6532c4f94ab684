"""The decisions about other servers, kept in memory so that no request asks the database."""

import asyncio
import time

from fedcop.db.engine import Database
from fedcop.domain.network.policies import Rules, load
from fedcop.errors import Blocked, Busy, Sentence

FRESH_SECONDS = 2.0
"""After so long what another process has decided is known here."""


class PolicyBook:
    """One read every two seconds, at most, whoever asks and how often."""

    def __init__(self, db: Database, home: str) -> None:
        self._db, self._home = db, home
        self._rules: Rules | None = None
        self._until, self._decided = 0.0, 0
        self._reading = asyncio.Lock()

    async def rules(self) -> Rules:
        """The decisions in force; older ones while the database is busy. Raises Busy at first."""
        known = self.known()
        if known is not None:
            return known
        async with self._reading:  # a hundred who come at once share one read
            return self.known() or await self._read()

    async def check(self, host: str) -> None:
        """Raise Blocked for a host with which we do not speak."""
        if (self.known() or await self.rules()).refuses(host):
            raise Blocked(
                Sentence(
                    "This server does not speak with {host}: its admins have decided so.", host=host
                )
            )

    def forget(self) -> None:
        """Something was decided in this process: read it again before anything else."""
        self._until = 0.0
        self._decided += 1

    def known(self) -> Rules | None:
        """The decisions in force, if they are at hand."""
        return self._rules if time.monotonic() < self._until else None

    async def _read(self) -> Rules:
        decided = self._decided
        try:
            rules = await self._db.read(lambda session: load(session, self._home))
        except Busy:
            if self._rules is None:
                raise
            rules = self._rules
        self._rules = rules
        if decided == self._decided:  # else it was read before what was decided meanwhile
            self._until = time.monotonic() + FRESH_SECONDS
        return rules
