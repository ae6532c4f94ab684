"""A server process under load: it serves one application and tells its own CPU time.

Run as `python -m tests.bench.doors KIND`, with the settings of the server as JSON on its first
line of input. It answers the port, and then, to each further line, the CPU microseconds that it has
used so far; from the line `profile` on it is watched, too. KIND: `least` (a raw ASGI application
that reads the body and verifies one RSA signature), `starlette:SIZE` (an answer of Starlette of so
many bytes), `accept` (FedCoP without its store), `whole` (FedCoP).
"""

import asyncio
import sys
import time
from contextlib import ExitStack
from typing import Any

import orjson
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from fedcop.activitypub.signatures.keys import PrivateKey, generate_rsa
from fedcop.bootstrap import House, build
from fedcop.cli.listening import config, settle_memory
from fedcop.inbox.rates import Rates
from fedcop.log import configure
from fedcop.settings import Settings
from tests.bench.limits import a_signature
from tests.bench.nobody import Nobody
from tests.bench.sampling import reported


def least(key: PrivateKey) -> ASGIApp:
    """Read the whole body, verify one signature of a key that is at hand, and answer 202."""
    check = a_signature(key)

    async def answer(_: Scope, receive: Receive, send: Send) -> None:
        more = True
        while more:
            more = (await receive()).get("more_body", False)
        check()
        await send(
            {"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"0")]}
        )
        await send({"type": "http.response.body", "body": b""})

    return answer


def _starlette(size: int) -> Starlette:
    body = b"{" + b" " * (size - 2) + b"}"

    async def hello(_: Request) -> Response:
        return Response(body, media_type="application/activity+json")

    return Starlette(routes=[Route("/{path:path}", hello)])


def application(kind: str, settings: Settings) -> tuple[Any, House | None]:
    """What is served, and the server behind it, if there is one."""
    if kind == "least":
        return least(PrivateKey.from_pem("", "", generate_rsa(), trusted=True)), None
    if kind.startswith("starlette:"):
        return _starlette(int(kind.partition(":")[2])), None
    house = build(settings, Nobody())
    house.receiver._rates = Rates(1 << 40, 300.0)
    if kind == "accept":
        house.receiver.accept = _keep_nothing  # pyright: ignore[reportAttributeAccessIssue]
    return house.web, house


async def _keep_nothing(key: str, body: bytes, signer: str) -> None:
    return


async def main(kind: str, given: dict[str, Any]) -> None:
    settings = Settings(**given)
    app, house = application(kind, settings)
    server = uvicorn.Server(config(settings, app))
    server.config.port = 0
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
        await asyncio.sleep(0.01)
    settle_memory()
    _say(server.servers[0].sockets[0].getsockname()[1])
    with ExitStack() as watched:
        while word := (await asyncio.to_thread(sys.stdin.readline)).strip():
            if word == "profile":
                watched.enter_context(reported())
            _say(time.process_time_ns() // 1000)
    server.should_exit = True
    await serving
    if house is not None:
        await house.close()


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    configure("info", "json")
    about = orjson.loads(sys.stdin.readline())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1], about))
