"""Where an admin decides with which servers this one speaks, after a look at what that does."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.network import lists
from fedcop.domain.network.models import Attitude
from fedcop.domain.network.policies import EVERYONE, check, policy_of, standing
from fedcop.errors import Invalid, NotFound
from fedcop.outbox import policing
from fedcop.outbox.policing import Preview
from fedcop.web.admin.frame import acting, show_admin
from fedcop.web.auth.asking import house
from fedcop.web.forms import N_, PageForm, fill_errors
from fedcop.web.locale import language_of
from fedcop.web.pages.addresses import NOWHERE
from fedcop.web.pages.fields import Choice, Line, Required, Text
from fedcop.web.pages.notices import go
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork

_PATH = "/admin/policies"
_BLOCK, _ALLOW = Attitude.BLOCK.value, Attitude.ALLOW.value


class PolicyForm(PageForm):
    """A decision about a server."""

    name = Line(
        N_("Server"),
        [Required()],
        description=N_("Such as example.org. All below it (forum.example.org) is meant, too."),
    )
    attitude = Choice(
        N_("Decision"), [Required()], choices={_BLOCK: N_("Block it"), _ALLOW: N_("Allow it")}
    )
    reason = Line(N_("Reason"), description=N_("It stands in the log."))


class ListForm(PageForm):
    """A list of decisions, pasted."""

    text = Text(
        N_("List"),
        [Required()],
        description=N_("One server a line, or CSV with #domain, #severity, #public_comment."),
    )


async def policy_list(request: Request) -> Response:
    """What is decided about which server, and the forms."""
    wanted = request.query_params.get("name", "").replace("\0", "")[:253]
    form = PolicyForm.blank(request, name=wanted, attitude=_BLOCK)
    return await _page(request, form)


async def decide(request: Request) -> Response:
    """Allow at once; before blocking, show whom it cuts off."""
    app, home = house(request), house(request).uris.host
    form = await PolicyForm.sent(request, attitude=_BLOCK)
    name, reason = form.name.data or "", form.reason.data or ""
    confirmed = (await request.form()).get("confirm") == "yes"
    try:
        if form.attitude.data == _ALLOW:
            await app.decide(
                lambda uow: policing.allow(uow, name, reason=reason, by=acting(uow, request))
            )
            return go(_PATH, "host-allowed")
        if confirmed:
            await app.decide(
                lambda uow: policing.block(uow, name, reason=reason, by=acting(uow, request))
            )
            return go(_PATH, "host-blocked")
        host = check(name, reason, home)
        seen = await app.read(lambda session: policing.preview_block(session, host, home))
    except Invalid as error:
        fill_errors(form, error)
        return await _page(request, form)
    return _ask_first(request, seen, host=host, reason=reason)


async def forget(request: Request) -> Response:
    """Take a decision back: what was hidden is shown again."""
    given = (await request.form()).get("name")
    name = given if isinstance(given, str) else ""

    def act(uow: UnitOfWork) -> None:
        if policing.forget(uow, name, by=acting(uow, request)) is None:
            raise NotFound(NOWHERE)

    await house(request).decide(act)
    return go(_PATH, "host-forgotten")


async def switch_partners_only(request: Request) -> Response:
    """Speak with allowed servers only, after a look at who would be lost; or with all again."""
    app, home, sent = house(request), house(request).uris.host, await request.form()
    on = sent.get("on") == "yes"
    if on and sent.get("confirm") != "yes":
        seen = await app.read(lambda session: policing.preview_partners_only(session, home))
        return _ask_first(request, seen)
    await app.decide(lambda uow: policing.limit_to_partners(uow, on=on, by=acting(uow, request)))
    return go(_PATH, "partners-only" if on else "open-to-all")


async def take_over(request: Request) -> Response:
    """What a pasted list says: shown first, then put in force."""
    form = await ListForm.sent(request)
    read = lists.read(form.text.data or "")
    if not read.entries:
        words = language_of(request).gettext("There is no server in this list.")
        fill_errors(form, Invalid(fields={"text": words}))
        blank = PolicyForm.blank(request, attitude=_BLOCK)
        return await _page(request, blank, form)
    if (await request.form()).get("confirm") == "yes":
        await house(request).decide(
            lambda uow: policing.take_over(uow, read.entries, acting(uow, request))
        )
        return go(_PATH, "list-taken")
    context = {"read": read, "text": form.text.data, "block": Attitude.BLOCK}
    return show_admin(request, "policies", context, template="policy_list")


async def export(request: Request) -> Response:
    """The decisions as a list that other servers can import."""
    text = await house(request).read(lambda session: lists.written(standing(session)))
    name = f"{house(request).uris.host.partition(':')[0]}-{datetime.now(UTC):%Y-%m-%d}.csv"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return Response(text, 200, headers, "text/csv; charset=utf-8")


def _ask_first(request: Request, seen: Preview, *, host: str = "", reason: str = "") -> Response:
    """What a decision would cut off, with a button to make it; without `host`: partners only."""
    context = {"seen": seen, "host": host, "reason": reason, "block": _BLOCK}
    return show_admin(request, "policies", context, template="policy_preview")


async def _page(request: Request, form: PolicyForm, given: ListForm | None = None) -> Response:
    def query(session: Session) -> dict[str, object]:
        return {
            "rows": standing(session),
            "partners_only": policy_of(session, EVERYONE) is not None,
        }

    context = await house(request).read(query)
    context |= {"form": form, "given": given or ListForm.blank(request), "block": _BLOCK}
    wrong = form.errors or (given is not None and given.errors)
    return show_admin(request, "policies", context, status=422 if wrong else 200)


ENDPOINTS = (
    Endpoint(_PATH, ("GET",), policy_list, "admin"),
    Endpoint(_PATH, ("POST",), decide, "admin", "60/10minutes", name="decide_policy"),
    Endpoint(f"{_PATH}/forget", ("POST",), forget, "admin", "60/10minutes", name="forget_policy"),
    Endpoint(f"{_PATH}/partners-only", ("POST",), switch_partners_only, "admin", "30/10minutes"),
    Endpoint(f"{_PATH}/import", ("POST",), take_over, "admin", "30/10minutes"),
    Endpoint(f"{_PATH}.csv", ("GET",), export, "admin", "30/10minutes", name="policies_csv"),
)
