"""From the key that a request names to the actor who is proved to have sent it."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from fedcop.activitypub.parse import parse
from fedcop.activitypub.signatures import scheme
from fedcop.activitypub.signatures.keys import PublicKey
from fedcop.activitypub.signatures.request import HttpRequest
from fedcop.activitypub.vocab import actors as vocab
from fedcop.app import App
from fedcop.domain.people.remote import check_actor, key_owner, public_key
from fedcop.errors import (
    FedcopError,
    Gone,
    Malformed,
    NotAllowed,
    NotFound,
    NotTheirs,
    Temporary,
    TooLarge,
    Unproved,
    Unreachable,
)
from fedcop.inbox.newcomers import Newcomers
from fedcop.inbox.rates import Rates
from fedcop.inbox.remembered import Remembered
from fedcop.inbox.resolve import Resolver
from fedcop.net.urls import host_of, same_host, without_fragment

_KEYS, _KEYS_SECONDS = 10_000, 600.0
_MISSES, _MISSES_SECONDS = 10_000, 600.0
_SILENT_SECONDS = 60.0
_REFETCH_SECONDS = 300.0
_JUST_FETCHED_SECONDS = 10.0
_FETCHES_A_MINUTE = 20
_NO_SUCH_KEY = (NotFound, NotAllowed, Malformed, TooLarge, NotTheirs, Unproved)


@dataclass(frozen=True, slots=True)
class _Fetched:
    """A key as its owner's document lists it now; stored only when it has verified something."""

    key: PublicKey
    actor: vocab.Actor


class KeyFinder:
    """Recognises who signed a request.

    A key comes from memory, else from the database, else from its owner's host. An unknown key is
    asked for at most 20 times a minute from one host, a known one that does not fit at most once
    in five minutes for its actor; one that is not there is not asked for again for ten minutes.
    """

    def __init__(self, app: App, resolver: Resolver) -> None:
        self._app, self._resolver = app, resolver
        self._known = Remembered[PublicKey](_KEYS, _KEYS_SECONDS)
        self._missing = Remembered[str](_MISSES, _MISSES_SECONDS)
        self._silent = Remembered[str](_MISSES, _SILENT_SECONDS)
        self._refetched = Remembered[bool](_MISSES, _REFETCH_SECONDS)
        self._suspended = Remembered[bool](_MISSES, _SILENT_SECONDS)
        self._newcomers = Newcomers(app)
        self._hosts = Rates(_FETCHES_A_MINUTE, 60.0)
        self._just_fetched = Remembered[_Fetched](_MISSES, _JUST_FETCHED_SECONDS)
        self._under_way: dict[str, asyncio.Task[_Fetched]] = {}
        resolver.on_actor.append(self.forget)

    def is_suspended(self, actor_uri: str) -> bool:
        """Whether this signer was suspended when the key was last read from the database."""
        return self._suspended.get(actor_uri) is not None

    async def signer(self, request: HttpRequest, welcome: str = "", *, alone: bool = False) -> str:
        """The id of the actor whose key signed this request.

        Raises Unproved (no signature, a wrong one, no such key), Malformed (an unreadable one),
        Gone if the owner of the key is deleted, Unreachable if the key's host does not answer,
        Blocked if we do not speak with it (then it is not asked for the key, either).
        TooMany if too many of its domain are new here.

        `welcome` is a host that was asked about already; `alone`: no other can have signed this,
        so that none is asked for a key. Nothing is written but what a verified signature stands
        behind.
        """
        claim = scheme.claim(request)
        now = datetime.now(UTC)
        host = host_of(claim.key_id)
        if alone and host != welcome:
            raise Unproved("The activity is signed by another than its actor.")
        key = self._known.get(claim.key_id)
        if key is None:
            key = await self._first_time(claim.key_id)
        elif host != welcome:
            await self._app.policies.check(host)
        if key is None:
            return await self._by_fetched(request, claim, now)
        try:
            scheme.verify(request, claim, key, now)
        except Unproved:
            if key.owner in self._refetched:
                raise
            self._refetched[key.owner] = True
            return await self._by_fetched(request, claim, now, held=key)
        return key.owner

    async def _first_time(self, key_id: str) -> PublicKey | None:
        """A key that is not in memory: whether it may be one at all, and from the database."""
        scheme.check_key_id(key_id, development=self._app.settings.development)
        if self._app.uris.is_local(key_id):
            raise Unproved("No request of this server comes from outside.")
        await self._app.policies.check(host_of(key_id))
        found = await self._app.read(partial(_from_database, key_id=key_id))
        if found is None:
            return None
        key, suspended = found
        if suspended:  # the key is not remembered, so that whoever may speak again is heard at once
            self._suspended[key.owner] = True
        else:
            self._suspended.pop(key.owner)
            self._known[key_id] = key
        return key

    def forget(self, actor_uri: str) -> None:
        """The actor's document was read again: its keys may be others now."""
        for key_id in [k for k, key in self._known.items() if key.owner == actor_uri]:
            self._known.pop(key_id)

    async def _by_fetched(
        self,
        request: HttpRequest,
        claim: scheme.Claim,
        now: datetime,
        held: PublicKey | None = None,
    ) -> str:
        key_id = claim.key_id
        fetched = await self._ask(key_id, again=held is not None)
        if held is not None and held.key == fetched.key.key:
            raise Unproved("Sign with the key that keyId names: the signature does not match.")
        scheme.verify(request, claim, fetched.key, now)
        known = self._known.get(key_id)
        if known is None or known.key != fetched.key.key:
            await self._newcomers.admit(fetched.key.owner)
            await self._resolver.remember(fetched.actor)
            self._known[key_id] = fetched.key
        return fetched.key.owner

    async def _ask(self, key_id: str, *, again: bool) -> _Fetched:
        """The key from its host; those who ask for the same one at once share the answer."""
        missing = self._missing.get(key_id)
        if missing is not None:
            raise Unproved(missing)
        silent = self._silent.get(key_id)
        if silent is not None:
            raise Unreachable(silent)
        fetched = None if again else self._just_fetched.get(key_id)
        if fetched is not None:
            return fetched
        await self._newcomers.check(key_id)
        task = self._under_way.get(key_id)
        if task is None:
            host = host_of(key_id)
            if not self._hosts.take(host):
                raise Unreachable(f"Too many keys of {host} are unknown here; try later.", 60)
            task = asyncio.create_task(self._fetch(key_id))
            self._under_way[key_id] = task
            task.add_done_callback(partial(self._arrived, key_id))
        return await asyncio.shield(task)

    def _arrived(self, key_id: str, task: "asyncio.Task[_Fetched]") -> None:
        del self._under_way[key_id]
        if not task.cancelled():
            task.exception()  # looked at, even if nobody waits any more

    async def _fetch(self, key_id: str) -> _Fetched:
        try:
            actor = await self._owner(key_id)
            check_actor(actor)  # whom nobody could answer is not met
            fetched = _Fetched(_listed(actor, key_id), actor)
        except Gone:
            raise
        except Temporary as error:
            self._silent[key_id] = str(error)
            raise
        except _NO_SUCH_KEY as error:
            words = f"The key {key_id} is not to be had: {error}"
            self._missing[key_id] = words
            raise Unproved(words) from error
        self._just_fetched[key_id] = fetched
        return fetched

    async def _owner(self, key_id: str) -> vocab.Actor:
        """The actor to whom the key's document points, read from the actor's own id."""
        document = await self._resolver.fetch(without_fragment(key_id))
        found = _actor(document.json)
        if found is None:
            owner = document.json.get("owner") or document.json.get("controller")
            if not isinstance(owner, str) or document.uri != without_fragment(key_id):
                raise Unproved("it is neither an actor nor a key with an owner")
            document = await self._resolver.fetch(owner)
            found = _actor(document.json)
        if found is None or found.id != document.uri or not same_host(document.uri, key_id):
            raise Unproved("its owner is not an actor of the same host")
        return found


def _from_database(session: Session, key_id: str) -> tuple[PublicKey, bool] | None:
    """The key that we have, and whether its owner is suspended here."""
    found = key_owner(session, key_id)
    if found is None:
        return None
    actor, key = found
    if actor.is_local:
        raise Unproved("No request of this server comes from outside.")
    if actor.deleted_at is not None:
        raise Gone(f"{actor.uri} has been deleted.")
    try:
        return public_key(key, actor.uri), actor.suspended_at is not None
    except Malformed as error:
        raise Unproved(f"The key {key_id} cannot be used: {error}") from error


def _actor(document: dict[str, Any]) -> vocab.Actor | None:
    try:
        wire = parse(document)
    except FedcopError as error:
        raise Unproved(str(error)) from error
    return wire if isinstance(wire, vocab.Actor) else None


def _listed(actor: vocab.Actor, key_id: str) -> PublicKey:
    """The key, if the actor lists it as its own (security rule T2)."""
    owner = actor.id or ""
    for key in (*actor.public_keys, *actor.assertion_methods):
        if key.id != key_id or key.owner != owner:
            continue
        if key.pem:
            return PublicKey.from_pem(key_id, owner, key.pem)
        return PublicKey.from_multibase(key_id, owner, key.multibase)
    raise Unproved(f"{owner} does not list it as its own")
