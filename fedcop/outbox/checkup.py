"""Tries out another server step by step, and says of each what is well or what to do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.activitypub import nodeinfo
from fedcop.activitypub.webfinger import Handle, look_up
from fedcop.app import App
from fedcop.domain.network.models import Host
from fedcop.domain.network.policies import canonical
from fedcop.domain.people.models import Actor
from fedcop.errors import FedcopError, Invalid, Malformed, NotFound, Sentence
from fedcop.net import probe
from fedcop.net.reasons import reason_of
from fedcop.net.urls import base_url, canonical_host
from fedcop.outbox.dialects import Dialect, of_software

FEW_DAYS = 14
MOST_SKEW = 300
"""Seconds by which another's clock may differ: with more, signatures fail on some software."""


@dataclass(frozen=True, slots=True)
class Line:
    """One step: what was tried, how it went, and what to do if it went wrong."""

    step: str
    ok: bool
    words: str
    advice: str = ""


async def check_up(app: App, host: str) -> list[Line]:
    """Try DNS, certificate, NodeInfo, clock, WebFinger and a signed fetch of this host, in order.

    A host that is blocked here is not asked anything. Raises Invalid (field `name`) for what is no
    host's name.
    """
    checkup = _Checkup(app, _name(app, host))
    return await checkup.run()


class _Checkup:
    def __init__(self, app: App, host: str) -> None:
        self._app, self._host = app, host
        self._development = app.settings.development
        self._lines: list[Line] = []

    async def run(self) -> list[Line]:
        if (await self._app.policies.rules()).refuses(self._host):
            words = Sentence("This server does not speak with {host}.", host=self._host)
            advice = Sentence("To do so: fedcop federation allow {host}", host=self._host)
            return [Line(Sentence("Policy"), False, words, advice)]
        advice = Sentence("Ask its admins; nothing can be done here.")
        reached = await self._try("DNS", self._dns, advice)
        if reached and not base_url(self._host, development=self._development).startswith("http:"):
            advice = Sentence("Ask its admins to renew or mend it.")
            reached = await self._try(Sentence("Certificate"), self._certificate, advice)
        if reached:
            advice = Sentence("Ask its admins whether it runs, and whether it lets this server in.")
            reached = await self._try(Sentence("Answer and clock"), self._clock, advice)
        if reached:
            advice = Sentence("It will be taken for micro-blog software.")
            await self._try(Sentence("Software"), self._software, advice)
            advice = Sentence(
                "Ask its admins whether they block this server, or ask for other signatures."
            )
            await self._try(Sentence("Signed fetch"), self._fetch, advice)
        return self._lines

    async def _try(self, step: str, work: Callable[[], Awaitable[str]], advice: str) -> bool:
        try:
            words = await work()
        except FedcopError as error:
            self._lines.append(Line(step, False, reason_of(error), advice))
            return False
        self._lines.append(Line(step, True, words))
        return True

    async def _dns(self) -> str:
        name = self._host.partition(":")[0]
        return ", ".join(await probe.addresses(name, development=self._development))

    async def _certificate(self) -> str:
        shown = await probe.public_certificate(self._host)
        days = (shown.until - datetime.now(UTC)).days
        if days < FEW_DAYS:
            end = shown.until
            raise Malformed(
                Sentence("Good for {days} more days only, until {end}.", days=days, end=end)
            )
        return Sentence("Good for {days} days, from {issuer}.", days=days, issuer=shown.issuer)

    async def _clock(self) -> str:
        url = f"{base_url(self._host, development=self._development)}/.well-known/nodeinfo"
        answer = await self._app.client.client.send("GET", url, {"Accept": "application/json"})
        if answer.status >= 500:
            raise Malformed(Sentence("It answers {status}.", status=answer.status))
        try:
            theirs = parsedate_to_datetime(answer.headers.get("date", ""))
        except ValueError:
            return Sentence("It answers. It does not say what time it is there.")
        theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
        skew = round((theirs - datetime.now(UTC)).total_seconds())
        if abs(skew) > MOST_SKEW:
            late = Sentence("Its clock is {count} seconds slow: see whose is wrong.", count=-skew)
            early = Sentence("Its clock is {count} seconds fast: see whose is wrong.", count=skew)
            raise Malformed(late if skew < 0 else early)
        return Sentence("It answers. Its clock differs from ours by {count} s.", count=abs(skew))

    async def _software(self) -> str:
        client, development = self._app.client.client, self._development
        found = await nodeinfo.fetch(client, self._host, development=development)
        row = await self._app.read(lambda session: _row(session, self._host))
        if found is None:
            raise NotFound("It does not say which software it runs (NodeInfo).")
        said = {"name": found.name, "version": found.version}
        if row is not None and row.manner_fixed:
            if row.dialect == Dialect.FORUM:
                return Sentence(
                    "{name} {version}: told as forum software; an admin said so.", **said
                )
            return Sentence(
                "{name} {version}: told as micro-blog software; an admin said so.", **said
            )
        if of_software(found.name).dialect == Dialect.FORUM:
            return Sentence("{name} {version}: told as forum software, as suits it.", **said)
        return Sentence("{name} {version}: told as micro-blog software, as suits it.", **said)

    async def _fetch(self) -> str:
        uri = await self._app.read(lambda session: _somebody(session, self._host))
        if uri is None:
            name = self._host.partition(":")[0]
            try:
                uri = await look_up(
                    self._app.client.client,
                    Handle(name, self._host),
                    development=self._development,
                )
            except NotFound:
                return Sentence("Nobody there is known here yet, so nothing was fetched.")
        document = await self._app.client.get(uri, await self._app.site_key())
        return Sentence("{uri} was read, asked with our signature.", uri=document.uri)


def _name(app: App, text: str) -> str:
    """The host as its row is called: with its port only in development."""
    try:
        return canonical_host(text.strip(), development=app.settings.development)
    except Malformed:
        pass
    try:
        return canonical_host(canonical(text), development=app.settings.development)
    except Malformed as error:
        raise Invalid(fields={"name": error.words}) from error


def _row(session: Session, name: str) -> Host | None:
    return session.scalar(select(Host).where(Host.name == name))


def _somebody(session: Session, name: str) -> str | None:
    """The id of whoever of that host we met last."""
    query = select(Actor.uri).join(Host, Host.id == Actor.host_id).where(Host.name == name)
    alive = query.where(Actor.deleted_at.is_(None))
    return session.scalar(alive.order_by(Actor.id.desc()).limit(1))
