"""The table of the doors for other servers."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import App
from fedcop.web.federation.discovery import NodeInfo, host_meta, nodeinfo_links, who_is
from fedcop.web.federation.documents import (
    document,
    person_page,
    site_collection,
    thread_page,
)
from fedcop.web.routing import Endpoint, Handler

PAGES_TOO: Mapping[str, Handler] = {
    "/": document,
    "/u/{name}": document,
    "/c/{name}": document,
    "/post/{id:int}": document,
    "/comment/{id:int}": document,
    "/@{name}": person_page,
    "/c/{name}/p/{id:int}": thread_page,
    "/c/{name}/p/{id:int}/{slug}": thread_page,
}
"""Addresses that answer a browser with a page (or the way to it), and by `wants_activitypub` with
these: the page's route asks first which of the two is wanted."""

_GET = ("GET",)
_NOT_POST = ("GET", "PUT", "PATCH", "DELETE")
_COLLECTIONS = {
    "u": ("outbox", "followers", "following"),
    "c": ("outbox", "followers", "moderators", "featured"),
}


def routes(app: App) -> list[Endpoint]:
    """Every door that has no page: collections, activities, discovery.

    What is posted to an inbox never comes here (see `inbox.InboxDoor`).
    """
    inboxes = [
        Endpoint(f"{path}{end}", _NOT_POST, _only_post, csrf=False, name=name)
        for end in ("", "/")  # an inbox never redirects
        for path, name in (
            ("/inbox", "shared_inbox"),
            ("/u/{name}/inbox", "person_inbox"),
            ("/c/{name}/inbox", "community_inbox"),
        )
    ]
    collections = [
        Endpoint(f"/{prefix}/{{name}}/{part}", _GET, document, name=f"{prefix}_{part}")
        for prefix, parts in _COLLECTIONS.items()
        for part in parts
    ]
    of_site = [
        Endpoint(f"/{part}", _GET, site_collection, name=f"site_{part}")
        for part in ("outbox", "followers", "following")
    ]
    below = [
        Endpoint(path, _GET, document, name=name)
        for path, name in (
            ("/actor", "site_actor"),
            ("/post/{id:int}/replies", "post_replies"),
            ("/post/{id:int}/context", "post_context"),
            ("/comment/{id:int}/replies", "comment_replies"),
            ("/activity/{id:int}", "activity"),
        )
    ]
    found = [
        Endpoint("/.well-known/webfinger", _GET, who_is),
        Endpoint("/.well-known/nodeinfo", _GET, nodeinfo_links),
        Endpoint("/.well-known/host-meta", _GET, host_meta),
        Endpoint("/nodeinfo/2.1", _GET, NodeInfo(app).answer, name="nodeinfo"),
    ]
    return [*inboxes, *collections, *of_site, *below, *found]


async def _only_post(_: Request) -> Response:
    raise HTTPException(405, headers={"Allow": "POST"})
