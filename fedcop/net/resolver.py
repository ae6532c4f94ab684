"""Names to addresses, in threads of its own.

A slow name server, which a stranger can own, must not take the threads of everything else. In
development `*.localhost` is this machine: browsers do that by themselves (RFC 6761, section 6.3),
Python asks the name server.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp.abc import ResolveResult

_THREADS = 16


class Resolver:
    """Asks the system; with `development`, `localhost` and all under it are 127.0.0.1."""

    def __init__(self, *, development: bool = False) -> None:
        self._development = development
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="fedcop-resolver")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> "list[ResolveResult]":
        """The addresses of `host`, in the system's order; raises OSError if it has none."""
        if self._development and (host == "localhost" or host.endswith(".localhost")):
            return [_result(host, "127.0.0.1", port, socket.AF_INET, 0)]
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads,
            lambda: socket.getaddrinfo(
                host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG
            ),
        )
        return [
            _result(host, str(sockaddr[0]), port, family, proto)
            for family, _, proto, _, sockaddr in found
        ]

    async def close(self) -> None:
        """Start no more look-ups, and wait for none."""
        self._threads.shutdown(wait=False, cancel_futures=True)


async def addresses_of(host: str, port: int, *, development: bool = False) -> list[str]:
    """The addresses of a name as the server would find them; raises OSError if it has none."""
    resolver = Resolver(development=development)
    try:
        found = await resolver.resolve(host, port)
    finally:
        await resolver.close()
    return list(dict.fromkeys(one["host"] for one in found))


def _result(host: str, address: str, port: int, family: int, proto: int) -> "ResolveResult":
    return {
        "hostname": host,
        "host": address,
        "port": port,
        "family": family,
        "proto": proto,
        "flags": socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    }
