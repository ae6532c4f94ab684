"""The form by which a steward makes another member one, and by which one is a member again."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.communities.policy import check_is_steward, is_steward
from fedcop.domain.communities.roles import appoint, dismiss
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import by_handle
from fedcop.errors import NotFound, Sentence
from fedcop.web.auth.asking import house, member
from fedcop.web.pages import addresses
from fedcop.web.pages.head import find
from fedcop.web.pages.notices import go
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork


async def change(request: Request) -> Response:
    """`appoint` or `dismiss` names somebody, as `name` or `name@host`."""
    app, viewer = house(request), member(request)
    sent = await request.form()
    deed = "appoint" if "appoint" in sent else "dismiss"
    who = sent.get(deed)

    def act(uow: UnitOfWork) -> str:
        listed = find(uow.session, request.path_params["name"], app.uris.host, None)
        by = uow.get(Actor, viewer.actor_id)
        check_is_steward(uow.session, listed.actor.id, by.id)
        person = _person(uow.session, who if isinstance(who, str) else "", app.uris.host)
        (appoint if deed == "appoint" else dismiss)(uow, listed.community, person, by)
        stays = is_steward(uow.session, listed.actor.id, by.id)
        path = addresses.community_path(listed.actor)
        return f"{path}/members" if stays else path

    return go(await app.act(act), "appointed" if deed == "appoint" else "dismissed")


def _person(session: Session, text: str, home: str) -> Actor:
    name, host = addresses.split_handle(text.strip().removeprefix("@"), home)
    actor = by_handle(session, name, host)
    if actor is None or actor.type == "Group":
        raise NotFound(Sentence("Nobody is known here as {name}.", name=text))
    return actor


ENDPOINTS = (Endpoint("/c/{name}/stewards", ("POST",), change, "member", "30/10minutes"),)
