"""Checks of the public address: it leads here, past the proxy, and WebFinger with it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.activitypub import webfinger
from fedcop.activitypub.client import ACTIVITY_JSON
from fedcop.activitypub.webfinger import Handle
from fedcop.domain.people.models import Actor, Key
from fedcop.domain.site.found import site
from fedcop.errors import FedcopError, Unreachable
from fedcop.net.certificate import Certificate, Distrusted
from fedcop.net.client import Answer, Client
from fedcop.settings import Settings
from fedcop.upkeep.findings import Finding, broken, ok, warning
from fedcop.web.seen import PATH, token

_SECONDS = 10.0
_DAYS_LEFT = 14
_NO_ONE_BEHIND = frozenset({502, 503, 504})
_PROXY = "docs/admins/install.md has a configuration of Caddy and one of nginx that work."


@dataclass(frozen=True, slots=True)
class Known:
    """What the public address has to say, by the database."""

    public_key: str
    """Of the instance actor, which no other server has."""
    handles: dict[str, str]
    """Name of an actor here → its id: the server itself, a person, a community."""


def known(session: Session) -> Known:
    """What to compare with. Raises sqlalchemy's NoResultFound where no server was set up."""
    row = site(session)
    owner = session.get_one(Actor, row.actor_id if row is not None else 0)
    key = session.scalars(
        select(Key.public).where(Key.actor_id == owner.id, Key.algorithm == "rsa")
    ).first()
    handles = {owner.name.partition(":")[0]: owner.uri}
    for kind in ("Person", "Group"):
        query = select(Actor).where(
            Actor.type == kind,
            Actor.host_id.is_(None),
            Actor.deleted_at.is_(None),
            Actor.suspended_at.is_(None),
        )
        found = session.scalars(query.order_by(Actor.id).limit(1)).first()
        if found is not None:
            handles[found.name] = found.uri
    return Known(key or "", handles)


async def check_address(
    settings: Settings, client: Client, expected: Known
) -> tuple[list[Finding], Answer | None]:
    """Whether the public address answers, with this very server; its answer, for the clock."""
    url = settings.uris.site
    try:
        answer = await client.send("GET", url, {"Accept": ACTIVITY_JSON}, deadline=_SECONDS)
    except FedcopError as error:
        return [_silent(url, error)], None
    wrong = _not_us(url, answer, expected)
    if wrong is not None:
        return [wrong], answer
    findings = [ok("address", f"{url} answers, and it is this server.")]
    findings += await _arrival(settings, client)
    findings += await _webfinger(settings, client, expected)
    return findings, answer


def _silent(url: str, error: FedcopError) -> Finding:
    cause = error.__cause__
    return broken(
        "address",
        f"{url} does not answer: {cause or error}",
        "Is the proxy running, are ports 80 and 443 open in the firewall, and does the name lead "
        "to this machine? " + _PROXY,
    )


def _not_us(url: str, answer: Answer, expected: Known) -> Finding | None:
    if answer.status == 421:
        return broken(
            "address",
            f"{url} leads here, but the proxy passes on another Host than the one that was asked.",
            "nginx: proxy_set_header Host $host; Apache: ProxyPreserveHost On; Caddy does it by "
            "itself. " + _PROXY,
        )
    if answer.status in _NO_ONE_BEHIND:
        return broken(
            "address",
            f"The proxy answers at {url}, but finds no server behind it ({answer.status}).",
            "Start the server (fedcop serve, systemctl start fedcop), and let the proxy pass "
            "requests to the address of the setting bind.",
        )
    if answer.status != 200:
        where = answer.headers.get("location", "")
        leads = f", which leads to {where}" if where else ""
        return broken(
            "address",
            f"{url} answers with status {answer.status}{leads}.",
            "The proxy has to pass every path of this name to FedCoP, without redirects. " + _PROXY,
        )
    if _key_in(answer) != expected.public_key:
        return broken(
            "address",
            f"{url} answers, but it is not this server: another program or another server is "
            "behind that name.",
            "Look at what the name leads to (dig, the proxy's configuration). If this is a copy "
            "of a server that has moved, do not run both.",
        )
    return None


def _key_in(answer: Answer) -> str:
    try:
        return str(_object(answer)["publicKey"]["publicKeyPem"])
    except (ValueError, KeyError, TypeError):
        return ""


def _object(answer: Answer) -> dict[str, Any]:
    return json.loads(answer.body)


async def _arrival(settings: Settings, client: Client) -> list[Finding]:
    """How a request arrives behind the proxy."""
    headers = {"Authorization": f"Bearer {token(settings.secret)}"}
    try:
        answer = await client.send("GET", f"{settings.uris.base}{PATH}", headers, deadline=_SECONDS)
        seen = _object(answer)
        proto, scheme = str(seen["forwarded_proto"]), str(seen["scheme"])
        forwarded, client_seen = str(seen["forwarded_for"]), str(seen["client"])
    except (FedcopError, ValueError, KeyError, TypeError):
        return [
            warning(
                "proxy",
                "How requests arrive could not be asked: the server behind the address runs "
                "another version, or has another secret key.",
                "Restart the server, and run fedcop doctor again.",
            )
        ]
    if settings.development:
        return [ok("proxy", f"Requests arrive by {scheme}, from {client_seen}.")]
    trust = (
        f"Set FEDCOP_TRUSTED_PROXIES to the proxy's address ({client_seen}), or trusted_proxies in "
        "fedcop.toml, and restart."
    )
    if not proto:
        return [
            warning(
                "proxy",
                "It does not say by which scheme people came (X-Forwarded-Proto).",
                "nginx: proxy_set_header X-Forwarded-Proto $scheme; " + _PROXY,
            )
        ]
    if scheme != "https" or not forwarded:
        words = (
            "What the proxy says about the asker is not believed, so that all the world counts as "
            "one visitor when rates are limited."
            if forwarded
            else "It does not pass on the asker's address (X-Forwarded-For)."
        )
        mend = trust if forwarded else "nginx: proxy_set_header X-Forwarded-For $remote_addr;"
        return [warning("proxy", words, mend)]
    return [ok("proxy", f"Host, scheme and address are passed on (you came from {client_seen}).")]


async def _webfinger(settings: Settings, client: Client, expected: Known) -> list[Finding]:
    findings: list[Finding] = []
    for name, uri in expected.handles.items():
        handle = Handle(name, settings.host)
        try:
            said = await webfinger.look_up(client, handle, development=settings.development)
        except FedcopError as error:
            words = f"@{handle} is not found from outside: {error}"
        else:
            if said == uri:
                continue
            words = f"@{handle} leads to {said}, and not to {uri}."
        findings.append(
            broken(
                "webfinger",
                words,
                "The proxy has to pass /.well-known/webfinger on, with its query. " + _PROXY,
            )
        )
    found = ", ".join(f"@{name}" for name in expected.handles)
    return findings or [ok("webfinger", f"Found from outside: {found}.")]


def judged(name: str, shown: Certificate | Unreachable, now: datetime | None = None) -> Finding:
    """What the certificate that was shown for `name`, or its absence, means."""
    if isinstance(shown, Distrusted):
        return broken(
            "certificate",
            f"Other servers will not believe the certificate of {name}: {shown}",
            "Caddy fetches and renews one by itself; with certbot: certbot renew, and reload the "
            "proxy. The file that the proxy shows must hold the whole chain (fullchain.pem).",
        )
    if isinstance(shown, Unreachable):
        return broken(
            "certificate", f"Nothing speaks TLS for {name}: {shown}", "See: address. " + _PROXY
        )
    left = (shown.until - (now or datetime.now(UTC))).days
    words = f"Valid for {name}, {left} days left (from {shown.issuer})."
    if left < _DAYS_LEFT:
        return warning("certificate", words, "See why it is not renewed: the log of the proxy.")
    return ok("certificate", words)
