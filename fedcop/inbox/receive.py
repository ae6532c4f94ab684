"""The door for other servers: what is proved is kept durably, and then answered 202."""

import asyncio
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

from prometheus_client import Counter

from fedcop.activitypub.signatures.request import HttpRequest
from fedcop.app import App
from fedcop.domain.network.hosts import heard_from_all
from fedcop.domain.people.queries import by_uri
from fedcop.domain.posts.copies import copied_by, hears_of
from fedcop.errors import (
    Busy,
    FedcopError,
    Gone,
    Malformed,
    NotAllowed,
    TooLarge,
    TooMany,
    Unproved,
)
from fedcop.ids import new_id
from fedcop.inbox import messages
from fedcop.inbox.envelope import Envelope, open_envelope
from fedcop.inbox.keys import KeyFinder
from fedcop.inbox.rates import Rates
from fedcop.inbox.remembered import Remembered
from fedcop.net.urls import host_of
from fedcop.work.unit_of_work import UnitOfWork

LARGEST = 1 << 20
PER_HOST, PER_HOST_SECONDS = 1_500, 300.0
_PROFILE = "https://www.w3.org/ns/activitystreams"
_FORWARDED = frozenset({"Create", "Update", "Delete", "Announce"})
_TAKING_BACK = frozenset({"Undo", "Delete"})
"""What is heard of whoever is suspended: what they take back."""
_AT_ONCE = 200
_MOST_WAITING = 5_000  # some megabytes: what cannot be written soon is better sent again
_SEEN, _SEEN_SECONDS = 20_000, 3_600.0
_HEARD_SECONDS = 2.0  # longer, and a host that was away for seconds waits out its back-off

_Waiting = tuple[dict[str, Any], asyncio.Future[None]]


class Receiver:
    """Accepts activities; many requests share one durable commit."""

    def __init__(
        self,
        app: App,
        keys: KeyFinder,
        *,
        at_once: int = _AT_ONCE,
        per_host: int = PER_HOST,
        most_waiting: int = _MOST_WAITING,
    ) -> None:
        self._app, self._keys, self._at_once = app, keys, at_once
        self._most_waiting = most_waiting
        self._rates = Rates(per_host, PER_HOST_SECONDS)
        self._seen = Remembered[bool](_SEEN, _SEEN_SECONDS)
        self._heard = Remembered[bool](_SEEN, _HEARD_SECONDS)
        self._counters: dict[str, Counter] = {}
        self._waiting: list[_Waiting] = []
        self._drain: asyncio.Task[None] | None = None

    async def receive(self, request: HttpRequest, content_type: str | None) -> None:
        """Return when the activity is on the disk, or when there is nothing to keep: 202.

        Raises TooLarge, Malformed, Blocked, NotAllowed (of who is suspended), Unproved, TooMany,
        Unreachable and Busy: their `status`
        is the answer. Before the signature is verified nothing is written.
        """
        try:
            await self._receive(request, content_type)
        except FedcopError as error:
            self._count(str(error.status))
            raise
        self._count("202")

    def _count(self, status: str) -> None:
        counter = self._counters.get(status)
        if counter is None:
            counter = self._counters[status] = self._app.metrics.received.labels(status=status)
        counter.inc()

    async def _receive(self, request: HttpRequest, content_type: str | None) -> None:
        activity = self._read(request.body, content_type)
        rules = self._app.policies.known()
        if rules is None or rules.refuses(activity.host):
            await self._app.policies.check(activity.host)
        itself = activity.type == "Delete" and activity.object_id == activity.actor
        if itself and not await self._is_known(activity.actor):
            return  # servers tell everybody of each account that goes; we have nothing of it
        try:
            passed_on = activity.vouched and activity.type in _FORWARDED
            signer = await self._keys.signer(request, activity.host, alone=not passed_on)
        except Gone as error:
            if itself:
                return
            raise Unproved(f"The signer is gone: {error}") from error
        host = activity.host if signer == activity.actor else _speaker(activity, signer)
        if self._keys.is_suspended(signer) and activity.type not in _TAKING_BACK:
            raise NotAllowed(f"{signer} is suspended here.")
        if not self._rates.take(host):
            raise TooMany("Too many activities from one server; send the rest later.", 60)
        key = f"{host} {activity.id}"
        if key in self._seen:
            return
        await self.accept(key, request.body, signer)
        self._seen[key] = True

    async def handed_out(self, request: HttpRequest, uri: str, key_host: str) -> None:
        """Remember that whoever signed this GET has our post now, and is to hear of its end.

        `key_host` is the host that the request claims. What proves nothing is passed over: the
        document was public, and has been answered.
        """
        told = partial(hears_of, uri=uri, host_name=key_host)
        try:
            if await self._app.read(told):
                return
            signer = await self._keys.signer(request)
            if self._rates.take(host_of(signer)):  # only who is proved uses up its share
                await self._app.act(partial(copied_by, uri=uri, actor_uri=signer))
        except FedcopError:
            return

    async def accept(self, key: str, body: bytes, signer: str) -> None:
        """Return when the bytes are on the disk. Raises Busy if they are not, or too many wait."""
        if len(self._waiting) >= self._most_waiting:
            raise Busy("Too much arrives at once; send it again in a moment.")
        done = asyncio.get_running_loop().create_future()
        row = {
            "id": new_id(),
            "key": key,
            "body": body,
            "signer_uri": signer,
            "due_at": datetime.now(UTC),
            "state": "waiting",
            "attempts": 0,
        }
        self._waiting.append((row, done))
        if self._drain is None:
            self._drain = asyncio.create_task(self._commit_all())
        await done

    async def _commit_all(self) -> None:
        # Between seeing that nobody waits and leaving no `await` may stand: who comes later then
        # finds `_drain` empty and starts the next one.
        try:
            while self._waiting:
                await self._commit()
        finally:
            self._drain = None

    async def _commit(self) -> None:
        """Those who come while the writer is waited for are in it, too."""
        batch: list[_Waiting] = []
        error: FedcopError | None = None
        try:
            heard = await self._app.act(partial(self._keep, batch))
        except FedcopError as failed:
            error = failed
        except Exception as failed:  # noqa: BLE001  whatever it was, the senders must come again
            error = Busy("This could not be stored; send it again later.")
            error.__cause__ = failed
        else:
            for host in heard:
                self._heard[host] = True
        self._take(batch)  # where it did not even begin
        for _, done in batch:
            if done.done():  # its request has gone away
                continue
            if error:
                done.set_exception(error)
            else:
                done.set_result(None)

    def _take(self, batch: list[_Waiting]) -> None:
        """Fill the batch, unless that was done before: a transaction may be tried again."""
        if not batch:
            batch += self._waiting[: self._at_once]
            del self._waiting[: self._at_once]

    def _keep(self, batch: list[_Waiting], uow: UnitOfWork) -> set[str]:
        """The hosts that were not heard of lately."""
        self._take(batch)
        messages.keep(uow.session, [row for row, _ in batch])
        said = {host_of(row["signer_uri"]) for row, _ in batch}
        hosts = {host for host in said if host not in self._heard}
        heard_from_all(uow, hosts)
        return hosts

    def _read(self, body: bytes, content_type: str | None) -> Envelope:
        if len(body) > LARGEST:
            raise TooLarge(f"An activity has at most {LARGEST:,} bytes.")
        if not _is_activity(content_type or ""):
            raise Malformed("Send application/activity+json.")
        activity = open_envelope(body, development=self._app.settings.development)
        if self._app.uris.is_local(activity.actor):
            raise Unproved("Nobody of this server speaks from outside.")
        return activity

    async def _is_known(self, actor: str) -> bool:
        return await self._app.read(lambda session: by_uri(session, actor) is not None)


def _speaker(activity: Envelope, signer: str) -> str:
    """The host of a signer who passes on what its origin will be asked about."""
    host = host_of(signer)
    if activity.host == host or activity.type not in _FORWARDED:
        raise Unproved("The activity is signed by another than its actor.")
    return host


@lru_cache(64)
def _is_activity(content_type: str) -> bool:
    """`application/activity+json`, or JSON-LD with the profile of ActivityStreams, in any case."""
    kind, _, parameters = content_type.partition(";")
    match kind.strip().lower():
        case "application/activity+json":
            return True
        case "application/ld+json":
            return _PROFILE in parameters
        case _:
            return False
