"""One unit of work: what was gathered, what will be written, what has happened."""

from collections import defaultdict, deque
from collections.abc import Callable, Generator, Hashable, Iterable
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from sqlalchemy import inspect, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.base import Executable

from fedcop.uris import Uris
from fedcop.work.facts import Fact

E = TypeVar("E")
React = Callable[["UnitOfWork", Fact], None]


class UnitOfWork:
    """What an action is given. It never commits: whoever opened the unit does.

    `uris` mints local ids; `now` is the same moment for the whole unit; `cause` is the inbound
    activity that led here, byte for byte, if one did.
    """

    def __init__(self, session: Session, react: React, uris: Uris) -> None:
        self.session = session
        self.uris = uris
        self.now = datetime.now(UTC)
        self.cause: bytes | None = None
        self._react = react
        self._known: dict[tuple[type, Hashable], object] = {}
        self._absent: set[tuple[type, Hashable]] = set()
        self._held: set[object] = set()
        self._facts: deque[Fact] = deque()
        self._rows: defaultdict[Executable, list[dict[str, Any]]] = defaultdict(list)

    def know(self, *entities: object) -> None:
        """Remember rows that were gathered, so that `get` and `find` need no query for them."""
        for entity in entities:
            for name in ("id", "uri"):
                key = getattr(entity, name, None)
                if key is not None:
                    self._known[type(entity), key] = entity

    def remember(self, key: Hashable, entity: object) -> None:
        """Remember a row under a key that is not its id or URI (a host's name, a pair)."""
        self._known[type(entity), key] = entity

    def recall(self, kind: type[E], key: Hashable) -> E | None:
        """The row that was remembered under `key`; never asks the database."""
        return cast("E | None", self._known.get((kind, key)))

    def forget(self, kind: type, key: Hashable) -> None:
        """No longer recall what was remembered under `key`: its row is gone."""
        self._known.pop((kind, key), None)

    def look_up(self, kind: type[E], key: Hashable) -> E | None:
        """The row with this primary key (a tuple, if it is of several columns), or None."""
        known = self.recall(kind, key)
        if known is None and not self.is_gathered(kind, key):
            known = self.session.get(kind, key)
            if known is not None:
                self.remember(key, known)
        return known

    def gathered(self, kind: type, keys: Iterable[Hashable]) -> None:
        """Note that rows of this kind were looked up under these URIs or primary keys.

        From then on `find` and `look_up` answer None, without a query, for those not found.
        """
        self._absent.update((kind, key) for key in keys)

    def is_gathered(self, kind: type, key: Hashable) -> bool:
        """Whether `gathered` was told of this key."""
        return (kind, key) in self._absent

    def get(self, kind: type[E], row_id: int) -> E:
        """The row with this id; raises sqlalchemy's NoResultFound if there is none."""
        known = self._known.get((kind, row_id))
        if known is None:
            known = self.session.get_one(kind, row_id)
            self.know(known)
        return cast("E", known)

    def find(self, kind: type[E], uri: str) -> E | None:
        """The row with this URI: gathered, just made, or looked up; None if there is none."""
        known = self._known.get((kind, uri))
        if known is None and not self.is_gathered(kind, uri):
            column = cast("InstrumentedAttribute[str]", kind.uri)  # pyright: ignore[reportAttributeAccessIssue]
            known = self.session.scalar(select(kind).where(column == uri))
            if known is not None:
                self.know(known)
        return cast("E | None", known)

    def hold(self, *entities: object) -> None:
        """Keep others from changing these rows until the unit ends, and read how they stand now.

        For what is counted up or down from what was read; several are held in the order of their
        ids, as everywhere. SQLite has one writer: there nothing is to be done.
        """
        others = set(entities) - self._held
        if not others or self.session.get_bind().dialect.name == "sqlite":
            return
        self._held |= others
        there = [one for one in others if inspect(one).persistent]
        for entity in sorted(there, key=lambda one: inspect(one).identity):
            self.session.refresh(entity, with_for_update={"key_share": True})

    def held(self, *entities: object) -> None:
        """Note that these rows were read FOR UPDATE: `hold` need not."""
        self._held.update(entities)

    def add(self, entity: object) -> None:
        """Write this new row at the end of the unit."""
        self.session.add(entity)
        self.know(entity)

    def emit(self, fact: Fact) -> None:
        """Say that something has happened; who answers is the business of the wiring."""
        self._facts.append(fact)

    def once(self, statement: Executable, row: dict[str, Any]) -> None:
        """Run `statement` once, at the end, for all the rows that it was given."""
        self._rows[statement].append(row)

    def answer(self) -> None:
        """Let every fact be answered, and the facts that come of the answers."""
        while self._facts:
            self._react(self, self._facts.popleft())

    def write(self) -> None:
        """Flush all rows in one go, then the set-based writes."""
        self.session.flush()
        rows, self._rows = self._rows, defaultdict(list)
        for statement, parameters in rows.items():
            self.session.execute(statement, parameters)

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """What fails inside undoes itself, and nothing else."""
        self.write()
        known, held = dict(self._known), set(self._held)
        try:
            with self.session.begin_nested():
                yield
                self.write()
        except BaseException:
            self._known, self._held = known, held
            self._facts.clear()
            self._rows.clear()
            raise


T = TypeVar("T")


def in_unit(react: React, uris: Uris, action: Callable[[UnitOfWork], T]) -> Callable[[Session], T]:
    """Make of an action a function over a session: acted, answered, written, not committed."""

    def run(session: Session) -> T:
        uow = UnitOfWork(session, react, uris)
        result = action(uow)
        uow.answer()
        uow.write()
        return result

    return run
