"""Looks at a server from below: its addresses, and how long its certificate lasts."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from fedcop.net.addresses import may_connect
from fedcop.net.limits import unreachable, within
from fedcop.net.resolver import Resolver

_SECONDS = 10.0
_HTTPS = 443


@dataclass(frozen=True, slots=True)
class Certificate:
    """Until when the certificate that a server showed is good, and who gave it out."""

    until: datetime
    issuer: str

    def days_left(self, now: datetime) -> int:
        """Whole days until then; negative when it is over."""
        return (self.until - now).days


async def addresses(host: str, *, development: bool = False) -> list[str]:
    """The addresses of a host without its port. Raises Unreachable if its name has none."""
    resolver = Resolver(development=development)
    try:
        async with within(_SECONDS, host):
            found = await resolver.resolve(host, _HTTPS)
    except OSError as error:
        raise unreachable(host) from error
    finally:
        await resolver.close()
    return list(dict.fromkeys(one["host"] for one in found))


async def certificate(host: str, *, port: int = _HTTPS) -> Certificate:
    """The certificate that `host` shows on its first public address.

    Raises Unreachable, with the cause chained: nobody there, or a certificate that is not good.
    """
    reachable = [address for address in await addresses(host) if may_connect(address)]
    if not reachable:
        raise unreachable(host) from OSError(f"{host} is not a public address")
    context = ssl.create_default_context()
    try:
        async with within(_SECONDS, host):
            _, writer = await asyncio.open_connection(
                reachable[0], port, ssl=context, server_hostname=host
            )
    except OSError as error:
        raise unreachable(host) from error
    try:
        shown = writer.get_extra_info("peercert")
    finally:
        writer.transport.abort()
    return read(cast("dict[str, Any]", shown))


def read(shown: dict[str, Any]) -> Certificate:
    """A certificate as `ssl.SSLSocket.getpeercert` tells of it."""
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)
    names = {name: value for part in shown.get("issuer", ()) for name, value in part}
    return Certificate(until, names.get("organizationName") or names.get("commonName") or "")
