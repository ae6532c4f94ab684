"""Where an admin sees how things stand with other servers, and tries one out or again."""

from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.moderation.log import write
from fedcop.errors import NotFound
from fedcop.outbox import partners as known
from fedcop.outbox.checkup import Line, check_up
from fedcop.outbox.dialects import FORUM, MICROBLOG
from fedcop.outbox.in_words import in_words, summary
from fedcop.outbox.partners import Condition, Partner, overview
from fedcop.outbox.peers import treat
from fedcop.web.admin.frame import Speech, acting, show_admin, speech
from fedcop.web.admin.words import RETRIED, TREATED
from fedcop.web.auth.asking import house
from fedcop.web.pages.addresses import NOWHERE
from fedcop.web.pages.notices import go
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork

_PATH = "/admin/partners"
_MANNERS = {"forum": FORUM, "microblog": MICROBLOG, "auto": None}
_TONES = {
    Condition.BLOCKED: "",
    Condition.LEFT_OUT: "",
    Condition.PARKED: "bad",
    Condition.FAILING: "bad",
    Condition.SLOW: "warn",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A server as the table shows it."""

    partner: Partner
    url: str
    words: str
    tone: str


async def partner_list(request: Request) -> Response:
    """All of them, those in trouble first."""
    app, now, speak = house(request), datetime.now(UTC), speech(request)
    home = app.uris.host

    def query(session: Session) -> list[Partner]:
        return known.partners(session, now, home)

    found = await app.read(query)
    rows = [row_of(one, speak) for one in found]
    context = {"rows": rows, "summary": summary(overview(found), speak)}
    return show_admin(request, "partners", context)


async def partner_page(request: Request) -> Response:
    """One of them, with what can be done about it."""
    return await _page(request)


async def test_now(request: Request) -> Response:
    """Try it out step by step, and show how that went."""
    partner = await _partner(request)
    return await _page(request, await check_up(house(request), partner.host))


async def retry_now(request: Request) -> Response:
    """Try it again at once, parked or not."""
    host = (await _partner(request)).host

    def act(uow: UnitOfWork) -> None:
        known.retry(uow.session, host)
        write(uow, RETRIED, by_id=acting(uow, request).id, subject=host)

    await house(request).act(act)
    return go(f"{_PATH}/{host}", "retried")


async def treat_as(request: Request) -> Response:
    """Tell it everything, discussions alone, or what its software takes."""
    host = (await _partner(request)).host
    wanted = (await request.form()).get("manner")
    manner = wanted if isinstance(wanted, str) and wanted in _MANNERS else "auto"

    def act(uow: UnitOfWork) -> None:
        row = known.host_called(uow.session, host)
        if row is None:
            raise NotFound(NOWHERE)
        treat(uow.session, row, _MANNERS[manner])
        write(uow, TREATED, by_id=acting(uow, request).id, subject=host, reason=manner)

    await house(request).act(act)
    return go(f"{_PATH}/{host}", "saved")


async def _page(request: Request, tried: list[Line] | None = None) -> Response:
    partner = await _partner(request)
    context = {"row": row_of(partner, speech(request)), "tried": tried or [], "known": True}
    return show_admin(request, "partners", context, template="partner")


async def _partner(request: Request) -> Partner:
    """The server of the path. Raises NotFound for one that we have never met."""
    app, now, name = house(request), datetime.now(UTC), request.path_params["host"]
    home = app.uris.host
    found = await app.read(lambda session: known.partner(session, name, now, home))
    if found is None:
        raise NotFound(NOWHERE)
    return found


def row_of(partner: Partner, speak: Speech) -> Row:
    """How things stand with it, in the reader's language."""
    words = in_words(partner, speak)
    return Row(partner, f"{_PATH}/{partner.host}", words, _TONES.get(partner.condition, "good"))


_ONE = f"{_PATH}/{{host}}"
ENDPOINTS = (
    Endpoint(_PATH, ("GET",), partner_list, "admin"),
    Endpoint(_ONE, ("GET",), partner_page, "admin"),
    Endpoint(f"{_ONE}/test", ("POST",), test_now, "admin", "20/10minutes"),
    Endpoint(f"{_ONE}/retry", ("POST",), retry_now, "admin", "60/10minutes"),
    Endpoint(f"{_ONE}/treat", ("POST",), treat_as, "admin", "60/10minutes"),
)
