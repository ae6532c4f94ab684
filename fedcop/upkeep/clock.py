"""Check of the clock, by the time that other servers say it is."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.domain.network.models import Host
from fedcop.errors import FedcopError
from fedcop.net.client import Answer, Client
from fedcop.net.urls import base_url, host_of
from fedcop.upkeep.findings import Finding, broken, note, ok, warning

_PEERS = 3
_SECONDS = 5.0
_OFF, _TOO_FAR_OFF = timedelta(seconds=60), timedelta(minutes=5)
_MEND = "timedatectl set-ntp true (on the machine, not in the container)"


def peers(session: Session) -> list[str]:
    """The names of servers that have answered lately."""
    query = select(Host.name).where(Host.last_success_at.is_not(None), ~Host.parked)
    return list(session.scalars(query.order_by(Host.last_success_at.desc()).limit(_PEERS)))


async def check_clock(
    client: Client, names: list[str], ours: Answer | None, *, development: bool
) -> Finding:
    """Compare the clock with the Date header of a peer; of our public address if none answers.

    Our own address proves something only where the proxy is another machine.
    """
    for name in names:
        url = f"{base_url(name, development=development)}/.well-known/nodeinfo"
        try:
            answer = await client.send("GET", url, {}, deadline=_SECONDS)
        except FedcopError:
            continue
        finding = compared(answer)
        if finding is not None:
            return finding
    finding = compared(ours) if ours is not None else None
    return finding or note("clock", "No other server could be asked for the time.")


def compared(answer: Answer, now: datetime | None = None) -> Finding | None:
    """What the Date header of an answer that has just come says about our clock."""
    try:
        there = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
    there = there if there.tzinfo is not None else there.replace(tzinfo=UTC)
    skew = (now or datetime.now(UTC)) - there
    if abs(skew) <= _OFF:
        return ok("clock", f"It agrees with {host_of(answer.url)}.")
    way = "ahead of" if skew > timedelta(0) else "behind"
    words = f"The clock is {abs(skew).total_seconds():.0f} s {way} that of {host_of(answer.url)}."
    if abs(skew) > _TOO_FAR_OFF:
        return broken("clock", words + " Other servers refuse what is signed at such times.", _MEND)
    return warning("clock", words, _MEND)
