"""The way out of a server in the laboratory: the product's transport, with our names and a ledger.

Nothing of the product's gate is lifted: only the exact loopback ports of the names file pass.
"""

import json
import socket
import time
from pathlib import Path
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from fedcop.net.transport import AiohttpTransport, Refused
from tests.lab.names import Asked


class Ledger:
    """Lines of JSON, one an event, that other processes may read at any time."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", buffering=1)

    def write(self, kind: str, **what: Any) -> None:
        self._file.write(json.dumps({"at": time.time(), "kind": kind, **what}) + "\n")

    def close(self) -> None:
        self._file.close()


class LabResolver(AbstractResolver):
    """Looks names up in the file, never in the network."""

    def __init__(self, asked: Asked, ledger: Ledger) -> None:
        self._asked, self._ledger = asked, ledger

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = self._asked.look_up(host, port)
        self._ledger.write("look-up", name=host, port=port, found=[address for address, _ in found])
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, f"{host} has no address")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=leads_to or port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address, leads_to in found
        ]

    async def close(self) -> None:
        return


class LabTransport(AiohttpTransport):
    """The product's transport, which also reaches the hosts that the file names."""

    def __init__(self, asked: Asked, ledger: Ledger) -> None:
        super().__init__(resolver=LabResolver(asked, ledger))
        self._asked, self._ledger = asked, ledger

    async def aclose(self) -> None:
        await super().aclose()
        self._ledger.close()

    def _gate(self, info: Any) -> socket.socket:
        family, kind, proto, _, address = info
        if self._asked.may_connect(str(address[0]), int(address[1])):
            self._ledger.write("connect", address=address[0], port=address[1], ours=True)
            return socket.socket(family, kind, proto)
        try:
            opened = super()._gate(info)
        except Refused:
            self._ledger.write("refused", address=address[0], port=address[1])
            raise
        # a public address: the ledger has it, and nothing leaves this machine
        self._ledger.write("connect", address=address[0], port=address[1], ours=False)
        opened.close()
        raise Refused(f"{address[0]} is not a host of the laboratory")
