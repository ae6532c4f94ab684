"""The form by which a member asks stewards or admins to look at a post or a person."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.communities.guidelines import points
from fedcop.domain.communities.models import Community
from fedcop.domain.communities.policy import is_steward
from fedcop.domain.communities.queries import stewards
from fedcop.domain.moderation.report import report
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import by_handle
from fedcop.domain.posts import queries
from fedcop.domain.posts.models import Post
from fedcop.domain.site.models import Text as SiteText
from fedcop.domain.site.wordings import current
from fedcop.errors import Gone, Invalid, NotFound
from fedcop.text.plain import shorten
from fedcop.text.plain import words as plain
from fedcop.text.sanitize import SafeHtml
from fedcop.web import shapes
from fedcop.web.auth.asking import house, member
from fedcop.web.forms import N_, PageForm, fill_errors
from fedcop.web.locale import language_of
from fedcop.web.pages import addresses, shown
from fedcop.web.pages.fields import Pick, Text, Tick
from fedcop.web.pages.notices import show
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork

_OTHER = ""
_LONGEST_POINT = 160


class ReportForm(PageForm):
    """What is wrong with it, by a guideline or in own words."""

    rule = Pick(N_("Which guideline is it about?"), choices={_OTHER: N_("Something else")})
    words = Text(N_("What should they know?"), description=N_("A sentence or two is enough."))
    tell_home = Tick(N_("Also tell their own server, without saying who reports"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What is reported, and who will read that."""

    person: Actor
    post: Post | None = None
    community: Community | None = None
    place: Actor | None = None
    title: str = ""
    back: str
    rules: dict[str, str]
    readers: list[shapes.Name]
    """The stewards who decide; nobody decides about themselves."""
    about_steward: bool = False

    @property
    def text(self) -> SafeHtml:
        return shown.text_of(self.post) if self.post is not None else SafeHtml("")

    @property
    def far_home(self) -> str:
        """The server of who is reported, if nobody of it hears otherwise."""
        home = addresses.home_of(self.person)
        return "" if self.place is not None and addresses.home_of(self.place) == home else home

    @property
    def query(self) -> str:
        if self.post is not None:
            return f"post={self.post.id}"
        return f"person={addresses.local_part(self.person)}"


async def ask(request: Request) -> Response:
    """The form for what `?post=` or `?person=` names."""
    thing = await house(request).read(lambda session: _thing(session, request))
    return _page(request, thing, _with_rules(ReportForm.blank(request), thing))


async def send(request: Request) -> Response:
    """Tell those whom it concerns, and say thanks."""
    app, viewer = house(request), member(request)
    thing = await app.read(lambda session: _thing(session, request))
    form = _with_rules(await ReportForm.sent(request), thing)
    chosen = thing.rules.get(form.rule.data or "", "")
    words = "\n\n".join(filter(None, (chosen, (form.words.data or "").strip())))
    if not words:
        form.words.errors = [language_of(request).gettext("Say in a few words what is wrong.")]
        form.form_errors.append("")
        return _page(request, thing, form)

    def act(uow: UnitOfWork) -> None:
        now = _thing(uow.session, request)
        report(
            uow,
            uow.get(Actor, viewer.actor_id),
            target=now.person,
            post=now.post,
            community=now.community,
            words=words,
            tell_home=bool(form.tell_home.data and now.far_home),
        )

    try:
        await app.act(act)
    except Invalid as error:
        fill_errors(form, error)
        return _page(request, thing, form)
    context = {"thing": thing, "name": shown.name(thing.person), "section": ""}
    return show(request, "pages/report_thanks.html", context)


def _page(request: Request, thing: Thing, form: ReportForm) -> Response:
    context: dict[str, object] = {"thing": thing, "form": form, "section": ""}
    context |= {"name": shown.name(thing.person), "host": house(request).uris.host}
    context |= {"place": shown.name(thing.place) if thing.place else None}
    return show(request, "pages/report.html", context, 422 if form.errors else 200)


def _with_rules(form: ReportForm, thing: Thing) -> ReportForm:
    """The form with the guidelines that hold there as its choices."""
    form.rule.choices = thing.rules | {_OTHER: N_("Something else")}
    return form


def _thing(session: Session, request: Request) -> Thing:
    """What the address names. Raises NotFound, and Gone for a post that is there no more."""
    home = house(request).uris.host
    wanted = request.query_params.get("post", "")
    if wanted:
        return _post(session, addresses.row_id(wanted))
    name, host = addresses.split_handle(request.query_params.get("person", ""), home)
    person = by_handle(session, name, host)
    if person is None or person.type in {"Group", "Application"}:
        raise NotFound(addresses.NOWHERE)
    return Thing(person=person, back=addresses.person_path(person), rules={}, readers=[])


def _post(session: Session, post_id: int) -> Thing:
    post = queries.by_id(session, post_id)
    if post is None or not post.confirmed:
        raise NotFound(addresses.NOWHERE)
    root = session.get_one(Post, post.root_id)
    if not post.is_visible:
        raise Gone("It is not there any more, so nobody has to look at it.")
    place = session.get_one(Actor, post.community_id)
    community = session.get_one(Community, place.id)
    return Thing(
        person=session.get_one(Actor, post.author_id),
        post=post,
        community=community,
        place=place,
        title=root.title,
        about_steward=community.local and is_steward(session, place.id, post.author_id),
        back=addresses.post_path(place, root, post),
        rules=_rules(session, community),
        readers=[
            shown.name(steward)
            for steward in stewards(session, place.id)
            if steward.id != post.author_id
        ],
    )


def _rules(session: Session, community: Community) -> dict[str, str]:
    """The guidelines of a community of ours by number."""
    written = current(session, community.actor_id, SiteText.GUIDELINES) if community.local else None
    if written is None:
        return {}
    return {
        str(point.number): f"{point.number}. {shorten(plain(point.html), _LONGEST_POINT)}"
        for point in points(written.source)
    }


ENDPOINTS = (
    Endpoint("/report", ("GET",), ask, "member", name="report"),
    Endpoint("/report", ("POST",), send, "member", "30/hour", name="send_report"),
)
