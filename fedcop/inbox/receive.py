"""The door for other servers: what is proved is kept durably, and then answered 202."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Any

from cachetools import LRUCache, TTLCache

from fedcop.activitypub import json
from fedcop.activitypub.parse import parse_activity
from fedcop.activitypub.signatures.request import HttpRequest
from fedcop.activitypub.vocab.activities import Activity, Announce, Create, Delete, Update
from fedcop.app import App
from fedcop.domain.network.hosts import heard_from
from fedcop.domain.people.queries import by_uri
from fedcop.domain.posts.copies import copied_by, hears_of
from fedcop.errors import Busy, FedcopError, Gone, Malformed, TooLarge, TooMany, Unproved
from fedcop.ids import new_id
from fedcop.inbox import messages
from fedcop.inbox.keys import KeyFinder
from fedcop.inbox.rates import Rates
from fedcop.net.urls import canonical_url, host_of, same_host
from fedcop.work.unit_of_work import UnitOfWork

LARGEST = 1 << 20
PER_HOST, PER_HOST_SECONDS = 1_500, 300.0
_PROFILE = "https://www.w3.org/ns/activitystreams"
_FORWARDED = (Create, Update, Delete, Announce)
_AT_ONCE = 200
_MOST_WAITING = 5_000  # some megabytes: what cannot be written soon is better sent again
_SEEN = 20_000
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
        self._seen: LRUCache[str, bool] = LRUCache(_SEEN)
        self._heard = TTLCache[str, bool](_SEEN, _HEARD_SECONDS)
        self._waiting: list[_Waiting] = []
        self._drain: asyncio.Task[None] | None = None

    async def receive(self, request: HttpRequest, content_type: str | None) -> None:
        """Return when the activity is on the disk, or when there is nothing to keep: 202.

        Raises TooLarge, Malformed, Blocked, Unproved, TooMany, Unreachable and Busy: their `status`
        is the answer. Before the signature is verified nothing is written.
        """
        try:
            await self._receive(request, content_type)
        except FedcopError as error:
            self._app.metrics.received.labels(status=str(error.status)).inc()
            raise
        self._app.metrics.received.labels(status="202").inc()

    async def _receive(self, request: HttpRequest, content_type: str | None) -> None:
        activity = self._read(request.body, content_type)
        await self._app.policies.check(host_of(activity.actor))
        itself = isinstance(activity, Delete) and activity.object_id == activity.actor
        if itself and not await self._is_known(activity.actor):
            return  # servers tell everybody of each account that goes; we have nothing of it
        try:
            signer = await self._keys.signer(request)
        except Gone as error:
            if itself:
                return
            raise Unproved(f"The signer is gone: {error}") from error
        self._check_speaker(activity, signer)
        host = host_of(signer)
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
                batch = self._waiting[: self._at_once]
                del self._waiting[: self._at_once]
                await self._commit(batch)
        finally:
            self._drain = None

    async def _commit(self, batch: list[_Waiting]) -> None:
        hosts = {host_of(row["signer_uri"]) for row, _ in batch} - self._heard.keys()
        rows = [row for row, _ in batch]
        error: FedcopError | None = None
        try:
            await self._app.act(partial(_keep, rows=rows, hosts=hosts))
        except FedcopError as failed:
            error = failed
        except Exception as failed:  # noqa: BLE001  whatever it was, the senders must come again
            error = Busy("This could not be stored; send it again later.")
            error.__cause__ = failed
        else:
            self._heard.update(dict.fromkeys(hosts, True))
        for _, done in batch:
            if done.done():  # its request has gone away
                continue
            if error:
                done.set_exception(error)
            else:
                done.set_result(None)

    def _read(self, body: bytes, content_type: str | None) -> Activity:
        if len(body) > LARGEST:
            raise TooLarge(f"An activity has at most {LARGEST:,} bytes.")
        if not _is_activity(content_type):
            raise Malformed("Send application/activity+json.")
        activity = read_activity(body, development=self._app.settings.development)
        if self._app.uris.is_local(activity.actor):
            raise Unproved("Nobody of this server speaks from outside.")
        return activity

    def _check_speaker(self, activity: Activity, signer: str) -> None:
        """The signer is the actor, or passes on what its origin will be asked about."""
        if activity.actor == signer:
            return
        if same_host(activity.actor, signer) or not isinstance(activity, _FORWARDED):
            raise Unproved("The activity is signed by another than its actor.")

    async def _is_known(self, actor: str) -> bool:
        return await self._app.read(lambda session: by_uri(session, actor) is not None)


def read_activity(body: bytes, *, development: bool) -> Activity:
    """The activity in the body of a request, checked as far as it can be by itself.

    Raises Malformed, naming the field, for what `parse_activity` refuses, for an activity without a
    type, for an id or actor that is no canonical URL, and for an id on another host than the
    actor's.
    """
    activity = parse_activity(json.loads(body))
    if not activity.type:
        raise Malformed("“type” is missing: an activity needs one.")
    for field, uri in (("id", activity.id or ""), ("actor", activity.actor)):
        try:
            plain = canonical_url(uri, development=development, fragment=True)
        except Malformed as error:
            raise Malformed(f"“{field}” cannot be read: {error}") from error
        if plain != uri:
            raise Malformed(f"“{field}” has to be written as the canonical URL {plain}")
    if not same_host(activity.id or "", activity.actor):
        raise Malformed("“id” has to be on the host of “actor”.")
    return activity


def _keep(uow: UnitOfWork, rows: list[dict[str, Any]], hosts: set[str]) -> None:
    messages.keep(uow.session, rows)
    for host in hosts:
        heard_from(uow, host)


def _is_activity(content_type: str | None) -> bool:
    """`application/activity+json`, or JSON-LD with the profile of ActivityStreams, in any case."""
    kind, _, parameters = (content_type or "").partition(";")
    match kind.strip().lower():
        case "application/activity+json":
            return True
        case "application/ld+json":
            return _PROFILE in parameters
        case _:
            return False
