"""Whether this server lives, is ready, and how busy it is: for machines that watch it."""

import ipaddress
import secrets

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from fedcop.app import App
from fedcop.db import migrate
from fedcop.domain.site.found import check_host
from fedcop.errors import FedcopError, NotFound
from fedcop.metrics import CONTENT_TYPE
from fedcop.web.routing import Endpoint
from fedcop.work.worker import Worker

_NEVER = {"Cache-Control": "no-store"}
_GET = ("GET",)


def routes(app: App, worker: Worker | None) -> list[Endpoint]:
    """`/healthz`, `/readyz` and `/metrics`. `worker` is the one in this process, if there is."""
    health = Health(app, worker)
    return [
        Endpoint("/healthz", _GET, lives),
        Endpoint("/readyz", _GET, health.ready),
        Endpoint("/metrics", _GET, health.figures),
    ]


async def lives(_: Request) -> Response:
    """200 as long as the process answers at all."""
    return PlainTextResponse("ok", headers=_NEVER)


class Health:
    """Looks at the database, its schema and the worker."""

    def __init__(self, app: App, worker: Worker | None) -> None:
        self._app, self._worker = app, worker
        self._schema_is_current = False

    async def ready(self, request: Request) -> Response:
        """200 when all is well; 503, with words for each thing that is not.

        The worker counts unless `app.state.worker_inside` says that it is another process.
        `app.state.stopping` says that the server ends as soon as its open requests are answered.
        """
        inside: bool = getattr(request.app.state, "worker_inside", True)
        wrong = await self._wrong(self._worker if inside else None)
        if getattr(request.app.state, "stopping", False):
            wrong["server"] = "It is being stopped, and takes no more requests."
        body = orjson.dumps({"status": "not ready" if wrong else "ready", "wrong": wrong})
        headers = {**_NEVER, "Retry-After": "5"} if wrong else _NEVER
        return Response(body, 503 if wrong else 200, headers, "application/json")

    async def _wrong(self, worker: Worker | None) -> dict[str, str]:
        wrong: dict[str, str] = {}
        host = self._app.settings.host
        try:
            await self._app.read(lambda session: check_host(session, host))
            await self._check_schema(wrong)
        except FedcopError as error:
            wrong["database"] = str(error)
        if worker is not None and not worker.is_alive:
            wrong["worker"] = "Not all of its loops run: see the log, and restart the server."
        return wrong

    async def _check_schema(self, wrong: dict[str, str]) -> None:
        if self._schema_is_current:
            return
        standing = await migrate.status(self._app.db)
        self._schema_is_current = standing.is_current
        if not standing.is_current:
            wrong["schema"] = "Changes are pending. Run: fedcop db upgrade"

    async def figures(self, request: Request) -> Response:
        """The figures, to loopback or to whoever has the token; 404 to everyone else."""
        if not self._may_read(request):
            raise NotFound("Nothing is here, or it is not open to you.")
        return Response(self._app.metrics.text(), 200, _NEVER, CONTENT_TYPE)

    def _may_read(self, request: Request) -> bool:
        token = self._app.settings.metrics_token.get_secret_value()
        if token:
            given = request.headers.get("authorization", "")
            return secrets.compare_digest(given.encode(), f"Bearer {token}".encode())
        try:
            return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
        except ValueError:
            return False
