"""Ask the network for what messages need, several at a time, each within its budget."""

import asyncio

from fedcop.activitypub.vocab.base import Object
from fedcop.errors import FedcopError, Gone, NotFound, TooMany, Unreachable
from fedcop.inbox.evidence import Evidence, Need, Want
from fedcop.inbox.rates import Rates
from fedcop.inbox.resolve import Budget, Resolver
from fedcop.net.urls import host_of

_SECONDS = 100  # below the two minutes of the lease
_FOR_A_PAIR, _IN_SECONDS = 300, 300.0


class Gatherer:
    """Gathers evidence; at most `at_once` messages at a time."""

    def __init__(self, resolver: Resolver, at_once: int = 16) -> None:
        self._resolver = resolver
        self._turns = asyncio.Semaphore(at_once)
        self._pairs = Rates(_FOR_A_PAIR, _IN_SECONDS)

    async def gather(self, needs: frozenset[Need], evidence: Evidence, signer: str) -> None:
        """Add the answers to the evidence; what cannot be had becomes its trouble there.

        A server that relays much from one origin does not make us fetch more than 300 documents
        of it in 5 minutes.
        """
        async with self._turns:
            try:
                async with asyncio.timeout(_SECONDS):
                    for need in sorted(needs, key=lambda need: (need.want.value, need.uri)):
                        await self._ask(need, evidence, signer)
            except TimeoutError:
                for need in needs - evidence.tried:
                    evidence.troubles[need] = Unreachable(f"{host_of(need.uri)} is too slow.")
        evidence.tried |= needs

    async def _ask(self, need: Need, evidence: Evidence, signer: str) -> None:
        budget = Budget(evidence.fetches_left)
        try:
            if not self._pairs.take(f"{host_of(signer)} {host_of(need.uri)}"):
                raise TooMany(f"{host_of(signer)} relays too much of {host_of(need.uri)}.", 300)
            await self._answer(need, evidence, budget)
        except FedcopError as trouble:
            evidence.troubles[need] = trouble
        finally:
            evidence.fetches_left = budget.left
        evidence.tried.add(need)

    async def _answer(self, need: Need, evidence: Evidence, budget: Budget) -> None:
        resolver = self._resolver
        match need.want:
            case Want.ACTOR:
                await resolver.actor(need.uri, budget=budget)
            case Want.PROFILE:
                await resolver.actor(need.uri, refresh=True, budget=budget)
            case Want.POST:
                if await resolver.post(need.uri, budget, via=need.via) is None:
                    raise NotFound(f"{need.uri} belongs to no community that we know.")
            case Want.COPY:
                evidence.copies[need.uri] = await self._copy(need.uri, budget)
            case Want.GONE:
                try:
                    await resolver.fetch(need.uri, budget)
                except Gone:
                    evidence.gone.add(need.uri)
                except NotFound:
                    evidence.missing.add(need.uri)

    async def _copy(self, uri: str, budget: Budget) -> Object:
        copy = await self._resolver.object(uri, budget)
        if copy.id != uri:
            raise NotFound(f"{uri} is not there; its host serves {copy.id} instead.")
        return copy
