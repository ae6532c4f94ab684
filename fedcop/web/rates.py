"""How often one client may ask: moving windows, kept in memory."""

import ipaddress
import math
import time

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.requests import HTTPConnection

from fedcop.errors import TooMany
from fedcop.web.viewer import viewer_of

_IPV6_PREFIX = 64


def client_of(request: HTTPConnection) -> str:
    """Who is counted: a signed-in member, else an IPv4 address or an IPv6 network of 64 bits.

    A home or a rented machine holds a whole /64, so that single IPv6 addresses count nobody. The
    address is the one that the server worked out from its trusted proxies.
    """
    viewer = viewer_of(request)
    if viewer is not None:
        return f"member:{viewer.actor_id}"
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host or "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return str(address)


class Rates:
    """The windows of one server; each process counts for itself."""

    def __init__(self) -> None:
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    async def hit(self, rate: RateLimitItem, place: str, client: str) -> None:
        """Count one; raises TooMany, with the seconds to wait, where that is one too many."""
        if await self._windows.hit(rate, place, client):
            return
        stats = await self._windows.get_window_stats(rate, place, client)
        after = max(1, math.ceil(stats.reset_time - time.time()))
        raise TooMany("Too many of these came from you in a short time.", after)


def parse_rate(text: str) -> RateLimitItem:
    """Read "25/5minutes"; ValueError for what is no rate."""
    return parse(text)
