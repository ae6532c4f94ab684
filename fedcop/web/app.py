"""The one application: every route of pages and of federation, and what is done to each request."""

import asyncio
from contextlib import suppress

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from fedcop.app import App
from fedcop.inbox.receive import Receiver
from fedcop.inbox.resolve import Resolver
from fedcop.web import assets, health, seen
from fedcop.web.admin import routes as admin
from fedcop.web.auth import account, data, invite, links, settings, sign_in
from fedcop.web.auth.current import CurrentViewer
from fedcop.web.errors import handlers
from fedcop.web.federation import routes as federation
from fedcop.web.federation.inbox import InboxDoor
from fedcop.web.federation.routes import PAGES_TOO
from fedcop.web.middleware import stack
from fedcop.web.negotiate import wants_activitypub
from fedcop.web.pages import (
    about,
    changing,
    charter,
    community,
    deeds,
    explore,
    featuring,
    governing,
    guidelines,
    home,
    membership,
    muting,
    notifications,
    person,
    relations,
    replying,
    reported,
    reporting,
    rules,
    search,
    stewards,
    tags,
    thread,
    writing,
)
from fedcop.web.pages.stewardship import routes as stewardship
from fedcop.web.rates import Rates
from fedcop.web.routing import Endpoint, build
from fedcop.work.traffic import Traffic
from fedcop.work.worker import Worker

_SOON = {"Retry-After": "10", "Cache-Control": "no-store"}

PAGES: tuple[Endpoint, ...] = (
    Endpoint(assets.PATH, ("GET",), assets.serve, name="static"),
    *seen.ENDPOINTS,
    *home.ENDPOINTS,
    *explore.ENDPOINTS,
    *charter.ENDPOINTS,
    *writing.ENDPOINTS,
    *membership.ENDPOINTS,
    *community.ENDPOINTS,
    *guidelines.ENDPOINTS,
    *governing.ENDPOINTS,
    *thread.ENDPOINTS,
    *replying.ENDPOINTS,
    *changing.ENDPOINTS,
    *featuring.ENDPOINTS,
    *stewards.ENDPOINTS,
    *relations.ENDPOINTS,
    *person.ENDPOINTS,
    *notifications.ENDPOINTS,
    *muting.ENDPOINTS,
    *search.ENDPOINTS,
    *tags.ENDPOINTS,
    *about.ENDPOINTS,
    *rules.ENDPOINTS,
    *deeds.ENDPOINTS,
    *reporting.ENDPOINTS,
    *reported.ENDPOINTS,
    *stewardship.ENDPOINTS,
    *admin.ENDPOINTS,
    *sign_in.ENDPOINTS,
    *links.ENDPOINTS,
    *invite.ENDPOINTS,
    *settings.ENDPOINTS,
    *account.ENDPOINTS,
    *data.ENDPOINTS,
)


class AskedForAsActivity(BaseRoute):
    """A route that is there only for who asks for ActivityPub; for others the page is."""

    def __init__(self, route: Route) -> None:
        self.route = route

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child = self.route.matches(scope)
        if match is Match.NONE or not wants_activitypub(Request(scope)):
            return Match.NONE, {}
        return match, child

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.route.handle(scope, receive, send)


class Site(Starlette):
    """The pages and documents, and before them the inboxes.

    While pages and documents are made, the worker lets them pass (`traffic`).

    What is cut short, because the server is stopped and its grace is over, is answered 503: whoever
    asked comes again.
    """

    inbox: InboxDoor
    traffic: Traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if self.inbox.answers(scope):
                await self.inbox(scope, receive, send)
            else:
                with self.traffic:
                    await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            with suppress(RuntimeError):  # the answer has begun already
                await PlainTextResponse("Stopping.", 503, _SOON)(scope, receive, send)
                return
            raise


def create(app: App, receiver: Receiver, resolver: Resolver, worker: Worker | None) -> Site:
    """Put the application together. `worker` is the one in this process, if there is one.

    A URL may be a page and an ActivityPub id: whoever asks for ActivityPub gets the document, and
    everybody else the page.
    """
    rates = Rates()
    documents = [
        Endpoint(path, ("GET",), handler, name=f"activity:{path}")
        for path, handler in PAGES_TOO.items()
    ]
    web = Site(
        routes=[
            *build(health.routes(app, worker), rates),
            *build(federation.routes(app), rates),
            *(AskedForAsActivity(route) for route in build(documents, rates)),
            *build(PAGES, rates),
        ],
        middleware=[*stack(app.settings, app.metrics), Middleware(CurrentViewer)],
        exception_handlers=handlers,
    )
    web.inbox = InboxDoor(receiver, app.uris, app.metrics)
    web.traffic = app.traffic
    web.state.fedcop = app
    web.state.resolver = resolver
    web.state.receiver = receiver
    web.state.rates = rates
    return web
