"""A batch of messages in one transaction: read, looked up, applied, settled."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy.exc import OperationalError

from fedcop.activitypub import json
from fedcop.activitypub.parse import parse_activity
from fedcop.activitypub.vocab.activities import Activity, Announce, Create, Undo
from fedcop.activitypub.vocab.base import Object
from fedcop.db.breath import breathe
from fedcop.domain.network.journal import hearsay, write_down
from fedcop.domain.network.policies import NO_RULES, Rules
from fedcop.errors import Busy, FedcopError
from fedcop.inbox import messages
from fedcop.inbox.authority import raise_trouble, weigh
from fedcop.inbox.dispatch import Handlers
from fedcop.inbox.evidence import Evidence, Need, Want
from fedcop.inbox.inbound import Awaiting, Means, Proof
from fedcop.inbox.lookup import Surroundings
from fedcop.inbox.messages import Message
from fedcop.inbox.needs import needs_of
from fedcop.inbox.refused import is_refused
from fedcop.inbox.unwrap import Said, unwrap
from fedcop.log import logger
from fedcop.work.unit_of_work import UnitOfWork

_log = logger(__name__)
_LEASE = messages.LEASE
_NOBODY: Mapping[int, FedcopError] = {}


@dataclass(slots=True)
class Outcome:
    """How a batch went: how many were settled, which must be asked about, which died of what."""

    settled: int = 0
    asked: dict[int, tuple[Message, frozenset[Need]]] = field(
        default_factory=dict[int, tuple[Message, frozenset[Need]]]
    )
    failed: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    ids: list[int] = field(default_factory=list[int])
    brings: dict[int, frozenset[str]] = field(default_factory=dict[int, frozenset[str]])
    """The posts that the messages in `asked` will bring."""


@dataclass(slots=True)
class _Read:
    """A message whose bytes could be read."""

    message: Message
    saids: list[Said]
    evidence: Evidence


class Spoilt(Exception):
    """One message of a batch that was to be applied together is refused: `row_id` says which."""

    def __init__(self, row_id: int, error: FedcopError) -> None:
        self.row_id, self.error = row_id, error
        super().__init__(str(error))


class Batch:
    """What was claimed, in the unit of work that applies it."""

    def __init__(
        self,
        uow: UnitOfWork,
        claimed: Collection[Message],
        evidence: Mapping[int, Evidence],
        handlers: Handlers,
        means: Means,
        *,
        late: Collection[str] = (),
        rules: Rules = NO_RULES,
        refused: Mapping[int, FedcopError] = _NOBODY,
    ) -> None:
        """`late` are posts for which earlier messages are being gathered.

        `refused` are messages of which an earlier try has shown that they cannot be applied."""
        self._late, self._rules = set(late), rules
        self._uow, self._handlers, self._means = uow, handlers, means
        self.outcome = Outcome(ids=[message.id for message in claimed])
        self._done: list[int] = []
        self._arrived: set[str] = set()
        self._read: list[_Read] = []
        for message in claimed:
            breathe()
            if message.id in refused:
                self._fail(message, refused[message.id])
            else:
                self._read_one(message, evidence.get(message.id))
        around = Surroundings(uow, [said for one in self._read for said in one.saids])
        self._known, self._seen = around.known, around.seen
        self._around = around  # holds the rows that were looked up
        self._set_aside()

    def together(self) -> Outcome:
        """Apply all with one flush.

        Raises Spoilt for the first message that is refused, if it says one thing only: those before
        it were applied, so that it would be refused in a savepoint of its own, too. Raises whatever
        else goes wrong.
        """
        for one in self._read:
            breathe()
            try:
                for said in one.saids:
                    self._apply(said, one)
            except FedcopError as error:
                if len(one.saids) == 1:
                    raise Spoilt(one.message.id, error) from error
                raise
            self._done.append(one.message.id)
        return self._finish()

    def apart(self) -> Outcome:
        """Apply each in a savepoint of its own, and settle those that fail."""
        for one in self._read:
            breathe()
            error = self._try_all(one)
            if error is None:
                self._done.append(one.message.id)
            else:
                self._fail(one.message, error)
        return self._finish()

    def _try_all(self, one: _Read) -> Exception | None:
        """Each activity of a message by itself: a bad vote in a batch of votes harms no other."""
        errors: list[Exception] = []
        for said in one.saids:
            try:
                with self._uow.savepoint():
                    self._apply(said, one)
            except OperationalError as error:
                errors.append(Busy(f"The database could not take it: {error.orig}"))
            except Exception as error:  # noqa: BLE001  whatever it was, the message is settled
                errors.append(error)
        if not errors or len(errors) < len(one.saids):
            return None
        return errors[0]

    def _read_one(self, message: Message, evidence: Evidence | None) -> None:
        evidence = evidence or Evidence()
        try:
            activity = parse_activity(json.loads(message.body))
            saids = [
                said
                for said in unwrap(activity, message.body, message.signer)
                if not is_refused(said, self._rules)
            ]
        except FedcopError as error:
            self._fail(message, error)
            return
        self._read.append(_Read(message, [evidence.substitute(s) for s in saids], evidence))

    def _set_aside(self) -> None:
        """Those for which something must be asked first are leased, and left to the gatherer.

        A post that an earlier message of the batch brings need not be asked for; what is about
        one for which something is being asked waits for it.
        """
        ready: list[_Read] = []
        coming: set[str] = set()
        for one in self._read:
            needs = self._needs(one) - one.evidence.tried
            needs = frozenset(n for n in needs if n.want is not Want.POST or n.uri not in coming)
            brings = {uri for said in one.saids if (uri := _created(said))}
            late = next((uri for uri in _about(one.saids) if uri in self._late), None)
            if late is not None:
                self._fail(one.message, Awaiting(late))
            elif needs:
                self.outcome.asked[one.message.id] = (one.message, needs)
                self.outcome.brings[one.message.id] = frozenset(brings)
                self._late |= brings
            else:
                ready.append(one)
                coming |= brings
        self._read = ready
        messages.lease(self._uow.session, self.outcome.asked.keys(), self._uow.now + _LEASE)

    def _needs(self, one: _Read) -> frozenset[Need]:
        found: set[Need] = set()
        return frozenset(found.union(*(self._needs_of(s, one.evidence) for s in one.saids)))

    def _needs_of(self, said: Said, evidence: Evidence) -> frozenset[Need]:
        if self._is_seen(said):
            return frozenset()
        known = replace(self._known, tried=frozenset(evidence.tried))
        return needs_of(said, known, self._uow.uris)

    def _is_seen(self, said: Said) -> bool:
        uri = said.activity.id or ""
        told = hearsay(uri, said.via) if said.via is not None else uri
        return uri in self._seen or told in self._seen

    def _apply(self, said: Said, one: _Read) -> None:
        activity, uow = said.activity, self._uow
        if self._is_seen(said) or uow.uris.is_local(activity.actor):
            return
        if said.via is not None and said.via not in self._known.listened:
            return
        needs, received_at = self._needs_of(said, one.evidence), one.message.received_at
        self._raise_absent(needs - one.evidence.tried)
        orphan = raise_trouble(one.evidence, needs, said, uow.now - received_at)
        proved = activity.id in self._known.proved
        inbound = weigh(uow, said, one.evidence, received_at, proved=proved, orphan=orphan)
        uri = activity.id or ""
        if inbound.proof is Proof.RELAYED and said.via is not None:
            uri = hearsay(uri, said.via)
        uow.cause = said.raw
        try:
            if not self._handlers(uow, inbound, self._means):
                return
            write_down(
                uow,
                uri=uri,
                type=activity.type,
                actor_uri=activity.actor,
                object_uri=activity.object_id,
                body=said.raw,
            )
            uow.answer()
        finally:
            uow.cause = None
        self._seen.add(uri)
        thing = activity.object
        if isinstance(thing, Object) and thing.id:
            self._arrived.add(thing.id)

    def _raise_absent(self, unasked: Collection[Need]) -> None:
        """Raise Awaiting for a post that an earlier message of the batch should have brought."""
        for need in unasked:
            if need.want is Want.POST and need.uri not in self._arrived:
                raise Awaiting(need.uri)

    def _fail(self, message: Message, error: Exception) -> None:
        uow = self._uow
        if messages.failed(uow.session, message, error, uow.now):
            self.outcome.failed.append((message.id, type(error).__name__))
        self.outcome.settled += 1
        if not isinstance(error, FedcopError):
            _log.error("An activity could not be applied", message=message.id, exc_info=error)

    def _finish(self) -> Outcome:
        breathe()
        self._uow.write()
        messages.done(self._uow.session, self._done)
        messages.waken(self._uow.session, self._arrived, self._uow.now)
        self.outcome.settled += len(self._done)
        return self.outcome


def _about(saids: Collection[Said]) -> Iterator[str]:
    """The posts without which these activities have nothing to do."""
    for said in saids:
        activity = said.activity
        thing = activity.object if isinstance(activity, Undo) else activity
        if isinstance(activity, Create) and isinstance(activity.object, Object):
            yield activity.object.in_reply_to or ""
        elif isinstance(thing, Activity) and not isinstance(thing, Announce):
            yield thing.object_id or ""


def _created(said: Said) -> str | None:
    return said.activity.object_id if isinstance(said.activity, Create) else None
