"""Checks of the work that is done behind the pages: who does it, and how long it has waited."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from fedcop.db.engine import Database
from fedcop.db.serving import WORKER, is_served, sessions
from fedcop.domain.network.models import Host
from fedcop.errors import FedcopError, Unreachable
from fedcop.ids import minted_at
from fedcop.inbox.models import InboxMessage
from fedcop.net.client import Client
from fedcop.net.way_out import WayOut
from fedcop.outbox.models import Delivery, Told
from fedcop.settings import Settings
from fedcop.upkeep.findings import Finding, broken, note, ok, warning
from fedcop.work.jobs import Job
from fedcop.work.queue import State

_SECONDS = 4.0
_LATE, _STUCK = timedelta(minutes=15), timedelta(hours=2)
_ANY = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]", "::": "[::1]"}  # noqa: S104


async def ready(settings: Settings) -> str | None:
    """What the server that listens on `bind` says is wrong with it: "" if it is ready.

    None if nothing answers there.
    """
    host, _, port = settings.bind.rpartition(":")
    client = Client(WayOut(allow_private=True), user_agent="fedcop health")
    url = f"http://{_ANY.get(host, host)}:{port}/readyz"
    try:
        answer = await client.send("GET", url, {}, deadline=_SECONDS)
    except (Unreachable, FedcopError):
        return None
    finally:
        await client.aclose()
    if answer.status == 200:
        return ""
    try:
        wrong = json.loads(answer.body)["wrong"]
        return "\n".join(f"{part}: {said}" for part, said in wrong.items())
    except (ValueError, KeyError, TypeError, AttributeError):
        return "Something answers, but it is no FedCoP. Is another program on this port?"


async def check_server(settings: Settings, db: Database) -> Finding:
    """Whether a server runs here, and what it says of itself."""
    said = await ready(settings)
    if said == "":
        return ok("server", f"It runs, listens on {settings.bind}, and is ready.")
    if said is not None:
        return broken(
            "server",
            f"What listens on {settings.bind} is not ready: {said}",
            "Look into its log (journalctl -u fedcop, docker compose logs), and restart it.",
        )
    if db.is_sqlite and await asyncio.to_thread(is_served, settings.database):
        return warning(
            "server",
            f"A server has the database in use, but nothing answers on {settings.bind}.",
            "It starts, or listens elsewhere: run fedcop doctor with the same settings "
            "(in a container: docker compose exec fedcop fedcop doctor).",
        )
    if not db.is_sqlite:
        return note("server", f"Nothing listens on {settings.bind} here; it may run elsewhere.")
    return broken("server", "No server is running.", "fedcop serve, or systemctl start fedcop")


async def check_worker(db: Database) -> Finding:
    """Whether anybody processes what comes in and delivers what goes out.

    With SQLite the worker is in the server, whose readiness covers it. On PostgreSQL a worker's
    connection has a name.
    """
    if db.is_sqlite:
        return note("worker", "It is inside the server, as always with SQLite.")
    count = (await sessions(db)).get(WORKER, 0)
    if count:
        return ok("worker", f"{count} connected to the database.")
    return broken(
        "worker",
        "No worker is connected to the database: nothing is processed or delivered.",
        "fedcop worker, or fedcop serve without --no-worker; systemctl status fedcop",
    )


@dataclass(frozen=True, slots=True)
class _Waiting:
    """How old the oldest row is that could have been done by now, for each queue."""

    late: dict[str, timedelta]
    dead: dict[str, int]
    away: int
    parked: int


async def check_queues(db: Database) -> list[Finding]:
    """How long the oldest due row of each queue has waited, what was given up, who is away."""
    try:
        found = await db.read(_waiting)
    except (FedcopError, SQLAlchemyError) as error:
        return [broken("queues", f"They cannot be read: {error}", "See: database, schema")]
    findings = [_ages(found.late)]
    dead = {name: count for name, count in found.dead.items() if count}
    if dead:
        words = ", ".join(f"{count} {name}" for name, count in dead.items())
        findings.append(
            note("given up", f"Kept to be looked at, and not tried again: {words}. See the log.")
        )
    if found.away:
        findings.append(
            note(
                "other servers",
                f"{found.away} do not answer now, {found.parked} of them for more than a week; "
                "what is for them waits. See: fedcop federation queue",
            )
        )
    return findings


def _ages(late: dict[str, timedelta]) -> Finding:
    if not late:
        return ok("queues", "Nothing that could be done now waits.")
    oldest = max(late.values())
    words = ", ".join(f"{name} since {_minutes(age)}" for name, age in late.items())
    mend = (
        "Is the worker running (see: worker, server)? If it is and is behind, look into its log; "
        "on PostgreSQL start a second one: fedcop worker"
    )
    if oldest > _STUCK:
        return broken("queues", f"Work waits: {words}.", mend)
    if oldest > _LATE:
        return warning("queues", f"Work waits: {words}.", mend)
    return ok("queues", f"The oldest waits for {_minutes(oldest)}.")


def _minutes(age: timedelta) -> str:
    seconds = age.total_seconds()
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _waiting(session: Session) -> _Waiting:
    now = datetime.now(UTC)
    since: dict[str, datetime | None] = {
        name: session.scalar(
            select(func.min(table.due_at)).where(
                table.state == State.WAITING,
                table.due_at <= now,
            )
        )
        for name, table in (("messages to process", InboxMessage), ("jobs", Job))
    }
    told = session.scalar(select(func.min(Told.activity_id)).where(~Told.spread))
    since["things to tell"] = minted_at(told) if told else None
    awake = exists().where(
        Host.id == Delivery.host_id,
        ~Host.parked,
        Host.failures == 0,
        Host.leased_until < now,
        Host.next_try_at <= now,
    )
    first = session.scalar(select(func.min(Delivery.activity_id)).where(awake))
    since["deliveries"] = minted_at(first) if first else None
    failing = select(func.count()).select_from(Host).where(Host.failing_since.is_not(None))
    return _Waiting(
        late={name: now - at for name, at in since.items() if at is not None},
        dead={
            name: session.scalar(
                select(func.count()).select_from(table).where(table.state == State.DEAD)
            )
            or 0
            for name, table in (("messages", InboxMessage), ("jobs", Job))
        },
        away=session.scalar(failing) or 0,
        parked=session.scalar(failing.where(Host.parked)) or 0,
    )
