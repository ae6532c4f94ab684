"""Starts the black box: `python -m tests.blackbox`; `tests/blackbox/__init__.py` explains it."""

import argparse
import asyncio
import json
import os
import secrets
import socket
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
import uvloop

import tests.blackbox
from fedcop.cli.listening import Server
from fedcop.cli.ports import listen_on, on_signals
from fedcop.db.serving import alone
from fedcop.errors import FedcopError
from fedcop.log import configure
from tests.blackbox import deeds, manners
from tests.blackbox.door import Door
from tests.blackbox.world import BoxSettings, World, settings_for


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.blackbox",
        description=tests.blackbox.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--address", default="127.0.0.1", help="where it listens")
    parser.add_argument("--base-url", default="", help="by default localhost, with the port")
    parser.add_argument("--certificate", type=Path, help="PEM; then it speaks https")
    parser.add_argument("--key", type=Path, help="PEM, of the certificate")
    parser.add_argument("--data", type=Path, help="the data folder; by default a temporary one")
    parser.add_argument("--database", default="", help="a URL; by default SQLite in the folder")
    parser.add_argument("--log-level", default="warning", help="of standard error")
    given = parser.parse_args()
    if (given.certificate is None) != (given.key is None):
        parser.error("--certificate and --key go together")
    return given


def _secret(folder: Path) -> str:
    path = folder / "secret.key"
    if not path.exists():
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()


def _say(event: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


async def _run(given: argparse.Namespace, settings: BoxSettings, listening: socket.socket) -> None:
    world = World(settings)
    try:
        if await world.open():
            await deeds.seed(world)
        config = uvicorn.Config(
            Door(world),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ssl_certfile=given.certificate,
            ssl_keyfile=given.key,
            timeout_graceful_shutdown=2,
        )
        actors = await deeds.seeded(world)
        ready = {"base_url": settings.uris.base, "pid": os.getpid(), "actors": actors}
        server = Server(config, lambda: _say(ready))

        def end() -> None:
            server.force_exit = server.should_exit
            server.should_exit = True

        on_signals(end)
        await server.serve(sockets=[listening])
    finally:
        await world.close()


def _serve(given: argparse.Namespace, folder: Path) -> None:
    listening = listen_on(f"{given.address}:{given.port}")
    port = listening.getsockname()[1]
    scheme = "https" if given.certificate else "http"
    base_url = given.base_url or f"{scheme}://localhost:{port}"
    settings = settings_for(base_url, folder, given.database, _secret(folder))
    with (
        listening,
        alone(settings.database),
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_run(given, settings, listening))


def main() -> None:
    given = _arguments()
    configure(given.log_level, "auto")
    manners.adopt()
    try:
        if given.data is None:
            with TemporaryDirectory(prefix="fedcop-blackbox-") as folder:
                _serve(given, Path(folder))
        else:
            given.data.mkdir(parents=True, exist_ok=True)
            _serve(given, given.data)
    except FedcopError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
