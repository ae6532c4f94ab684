"""Who asks, and of which server: what every handler of a page starts from."""

from typing import cast

from starlette.requests import HTTPConnection

from fedcop.app import App
from fedcop.errors import Unproved
from fedcop.inbox.resolve import Resolver
from fedcop.web.rates import Rates
from fedcop.web.viewer import Viewer, viewer_of


def house(request: HTTPConnection) -> App:
    """The server that answers this request."""
    return cast("App", request.app.state.fedcop)


def resolver_of(request: HTTPConnection) -> Resolver:
    """What finds people and discussions of other servers."""
    return cast("Resolver", request.app.state.resolver)


def rates_of(request: HTTPConnection) -> Rates:
    """How often who has asked, for limits that no route can tell."""
    return cast("Rates", request.app.state.rates)


def member(request: HTTPConnection) -> Viewer:
    """The signed-in member; raises Unproved for anyone else (the route table asks first)."""
    viewer = viewer_of(request)
    if viewer is None:
        raise Unproved("Sign in first: this needs to know who you are.")
    return viewer


def reader_id(request: HTTPConnection) -> int | None:
    """The actor id of who reads, None for anyone who is not signed in."""
    viewer = viewer_of(request)
    return viewer.actor_id if viewer else None
