"""Looks at a whole server, one thing after the other, and says what is wrong and how to mend it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from fedcop import __version__
from fedcop.db.engine import Database
from fedcop.errors import FedcopError, Unreachable
from fedcop.net.addresses import may_connect
from fedcop.net.certificate import Certificate, certificate
from fedcop.net.client import Client
from fedcop.net.resolver import addresses_of
from fedcop.net.transport import AiohttpTransport
from fedcop.settings import Settings
from fedcop.upkeep.address import check_address, judged, known
from fedcop.upkeep.clock import check_clock, peers
from fedcop.upkeep.database import check_database, opened
from fedcop.upkeep.findings import Finding, broken, is_broken, note, ok, warning
from fedcop.upkeep.machine import check_backups, check_disk, check_mail, check_secret
from fedcop.upkeep.queues import check_queues, check_server, check_worker

ShowCertificate = Callable[[str, str], Awaitable[Certificate]]


def _client(agent: str, private: bool) -> Client:  # noqa: FBT001
    return Client(AiohttpTransport(allow_private=private), user_agent=agent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The ways out of this machine; a test puts its own in their place."""

    resolve: Callable[..., Awaitable[list[str]]] = addresses_of
    client: Callable[[str, bool], Client] = _client
    """A client with this User-Agent; whether private addresses may be connected to."""
    show_certificate: ShowCertificate = certificate


async def examine(settings: Settings, outside: Outside | None = None) -> list[Finding]:
    """Everything about a server and its surroundings, what is nearest first.

    Nothing is changed. A check that fails in a way nobody thought of is itself a finding.
    """
    ways = outside or Outside()
    findings = [*_guarded("settings", _local, settings)]
    async with opened(settings) as db:
        about_db = await _caught("database", check_database(settings, db))
        findings += about_db
        if is_broken(about_db):
            findings.append(note("network", "Not looked at: first mend what is broken above."))
        else:
            findings += await _caught("work", _work(settings, db))
            findings += await _caught("network", _network(settings, db, ways))
    return findings


def _local(settings: Settings) -> list[Finding]:
    name = ok("settings", f"FedCoP {__version__} as {settings.host}.")
    if settings.development and not _is_local(settings.host):
        name = warning(
            "settings",
            f"{settings.host} runs in development: plain http, and private addresses are called.",
            "Take development out of the settings of a public server.",
        )
    return [
        name,
        check_secret(settings),
        *check_disk(settings),
        check_backups(settings),
        check_mail(settings),
    ]


async def _work(settings: Settings, db: Database) -> list[Finding]:
    return [
        await check_server(settings, db),
        await check_worker(db),
        *await check_queues(db),
    ]


async def _network(settings: Settings, db: Database, ways: Outside) -> list[Finding]:
    name, addresses = await _resolved(settings, ways)
    if not addresses:
        return [name]
    public = [one for one in addresses if may_connect(one)]
    findings = [name]
    if not settings.development:
        findings.append(await _certificate(settings, addresses[0], ways.show_certificate))
    expected, others = await db.read(lambda session: (known(session), peers(session)))
    agent = f"FedCoP/{__version__} doctor (+{settings.uris.site})"
    # Our own name may lead to a private address, behind NAT or in development: it is no stranger's.
    ours = ways.client(agent, not public)
    guarded = ways.client(agent, settings.development)
    try:
        about_address, answer = await check_address(settings, ours, expected)
        findings += about_address
        findings.append(
            await check_clock(guarded, others, answer, development=settings.development)
        )
    finally:
        await ours.aclose()
        await guarded.aclose()
    return findings


async def _resolved(settings: Settings, ways: Outside) -> tuple[Finding, list[str]]:
    """Where the name leads, as seen from this machine."""
    host, _, port = settings.host.partition(":")
    development = settings.development
    try:
        addresses = await ways.resolve(host, int(port or 443), development=development)
    except OSError as error:
        return broken(
            "name server",
            f"{host} leads nowhere: {error.strerror or error}",
            "Make an A record, and an AAAA record if the machine has IPv6, with the public address "
            "of this machine; or mend the name servers in /etc/resolv.conf.",
        ), []
    words = f"{host} leads to {', '.join(addresses)}."
    if development or all(may_connect(one) for one in addresses):
        return ok("name server", words), addresses
    return warning(
        "name server",
        f"{words} That is not a public address: this machine sees another one than the world "
        "(NAT, or a line in /etc/hosts), so what follows is the view from inside.",
        "Ask from outside, for example with a phone that is not in your network, and from another "
        f"server: fedcop federation fetch @{host}@{host}",
    ), addresses


async def _certificate(settings: Settings, address: str, show: ShowCertificate) -> Finding:
    try:
        return judged(settings.host, await show(settings.host, address))
    except Unreachable as error:
        return judged(settings.host, error)


def _is_local(host: str) -> bool:
    name = host.partition(":")[0]
    return name in {"localhost", "127.0.0.1"} or name.endswith((".localhost", ".test", ".local"))


def _guarded(
    check: str, look: Callable[[Settings], Sequence[Finding]], settings: Settings
) -> Sequence[Finding]:
    try:
        return look(settings)
    except OSError as error:
        return [_failed(check, error)]


async def _caught(check: str, looking: Awaitable[list[Finding]]) -> list[Finding]:
    try:
        return await looking
    except (FedcopError, SQLAlchemyError, OSError) as error:
        return [_failed(check, error)]


def _failed(check: str, error: Exception) -> Finding:
    return broken(check, f"It could not be looked at: {error}", "Mend what is broken above first.")
