"""Looks at a server from below: its addresses, and the certificate that it shows there."""

from fedcop.net.addresses import may_connect
from fedcop.net.certificate import Certificate, certificate
from fedcop.net.limits import unreachable, within
from fedcop.net.resolver import Resolver

_SECONDS = 10.0
_HTTPS = 443


async def addresses(host: str, *, development: bool = False) -> list[str]:
    """The addresses of a host without its port. Raises Unreachable if its name has none."""
    resolver = Resolver(development=development)
    try:
        async with within(_SECONDS, host):
            found = await resolver.resolve(host, _HTTPS)
    except (OSError, UnicodeError) as error:
        raise unreachable(host) from error
    finally:
        await resolver.close()
    return list(dict.fromkeys(one["host"] for one in found))


async def public_certificate(host: str) -> Certificate:
    """The certificate that `host` shows on its first public address.

    Raises Unreachable, with the cause chained: no such address, nobody there, or not to be trusted.
    """
    reachable = [address for address in await addresses(host) if may_connect(address)]
    if not reachable:
        raise unreachable(host) from OSError(f"{host} is not a public address")
    return await certificate(host, reachable[0], _HTTPS)
