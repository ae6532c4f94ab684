"""Pages that show every macro of the frame, and handlers that fail in every way."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from jinja2 import ChoiceLoader, FileSystemLoader
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from wtforms import BooleanField, PasswordField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from fedcop import errors
from fedcop.text.sanitize import SafeHtml
from fedcop.web import assets, render
from fedcop.web.forms import N_, PageForm, fill_errors
from fedcop.web.locale import Language, languages
from fedcop.web.render import page
from fedcop.web.routing import Endpoint
from fedcop.web.shapes import Act, Name, Notice, Post, Row, arrange

SAMPLES = Path(__file__).parent / "samples"


def add_samples(language: Language) -> None:
    """Let pages in this language be made of the samples, too."""
    folders = [FileSystemLoader(render.TEMPLATES), FileSystemLoader(SAMPLES)]
    render._environment(language).loader = ChoiceLoader(folders)


for _language in languages().values():
    add_samples(_language)

NOW = datetime.now(UTC)
MARIA = Name("Maria Okafor", "/@maria@delta.example", "delta.example")
KOFI = Name("Kofi Mensah", "/@kofi@delta.example", "delta.example")
ANA = Name("Ana Duarte", "/@ana")
JONAS = Name("Jonas <b>Weber</b>", "/@jonas@lakes.example", "lakes.example")
PLACE = Name("Watershed Restoration", "/c/watershed", is_place=True)
LOST = (
    "We lost 60% of the stakes in the spring pulse. The bar is 40 cm of coarse gravel over clay, "
    "and the client wants a second attempt before the thaw. What depth and angle have worked?"
)
ROWS = [
    Row(
        "How do you anchor live willow stakes in gravel bars?",
        "/c/watershed/p/1/how",
        MARIA,
        NOW - timedelta(hours=2),
        14,
        LOST,
        kind="question",
        answered=True,
        pinned=True,
    ),
    Row(
        "Field protocol v3: eDNA sampling in turbid water",
        "/c/watershed/p/2/field",
        KOFI,
        NOW - timedelta(hours=5),
        8,
        "Filter in the boat, not in the lab: the protocol with what we changed after 40 samples.",
        kind="resource",
        community=PLACE,
    ),
    Row(
        "We failed: what the 2025 fish passage taught us",
        "/c/watershed/p/3/failed",
        ANA,
        NOW - timedelta(days=1),
        1310,
        "Three mistakes in the order in which we made them, and what the fish did instead.",
        locked=True,
    ),
    Row(
        "Was kostet ein billiger Trübungslogger?",
        "/c/watershed/p/4/logger",
        JONAS,
        NOW - timedelta(days=400),
        0,
        kind="question",
        lang="de",
    ),
    Row(
        "Field clinic: bank stabilisation",
        "/c/watershed/p/5/c",
        ANA,
        NOW - timedelta(days=20),
        1,
        kind="event",
    ),
]
TEXT = SafeHtml(
    "<p>We lost 60% of the stakes in the spring pulse. The bar is 40 cm of coarse gravel over "
    'clay.</p><pre tabindex="0"><code>site: R-14, slope 1.2%, D50 32 mm, stakes 0.9 m at 90 '
    "degrees, n=140, survived 56</code></pre><blockquote><p>Nothing roots in gravel.</p>"
    '</blockquote><p>What <a href="/x">depth and angle</a> have worked for you?</p>'
    "<ul><li>depth to the clay</li><li>angle downstream</li></ul>"
)
ACTS = (
    Act("Save", "/save", "bookmark", posts=True),
    Act("Report", "/report", "flag"),
    Act("Remove", "/remove", "close", posts=True, name="act", value="remove"),
)


def _post(number: int, author: Name, parent: int | None, text: str, **more: object) -> Post:
    given: dict[str, object] = {
        "helpful": number % 4,
        "url": f"#r{number}",
        "vote_url": f"/vote/{number}",
        "reply_url": "/sample/form",
        "acts": ACTS,
        **more,
    }
    at = NOW - timedelta(hours=30 - number)
    html = SafeHtml(f"<p>{text}</p>")
    return Post(number, author, at, html, parent_id=parent, **given)  # pyright: ignore[reportArgumentType]


STARTER = Post(
    1,
    MARIA,
    NOW - timedelta(days=2),
    TEXT,
    "#r1",
    edited_at=NOW - timedelta(hours=3),
    helpful=12,
    vote_url="/vote/1",
    reply_url="/sample/form",
    acts=ACTS,
)
REPLIES = [
    _post(2, KOFI, 1, "Go to the clay: 1.2 m stakes, 45° downstream.", accepted=True, voted=True),
    _post(3, ANA, 2, "We kept 85% that way at three sites.", from_steward=True),
    _post(4, JONAS, 3, "Which willow? Ours rot before they root, whatever the angle is."),
    _post(5, KOFI, 4, "Salix viminalis, cut in February and soaked for ten days."),
    _post(6, MARIA, 5, "That is what we will try. Thank you."),
    _post(7, ANA, 1, "Held for a look.", held=True, helpful=0),
    Post(8, JONAS, NOW, SafeHtml(""), parent_id=1, missing="Removed by a steward: off topic."),
    Post(9, JONAS, NOW, SafeHtml("<p>For those who cannot vote.</p>"), parent_id=1, helpful=5),
]


class SampleForm(PageForm):
    kind = RadioField(
        N_("Kind"), choices={"discussion": N_("Discussion"), "question": N_("Question")}
    )
    title = StringField(N_("Title"), [InputRequired(), Length(max=200)], description=N_("One line"))
    password = PasswordField(N_("Password"), [InputRequired()])
    body = TextAreaField(N_("Text"), description=N_("Markdown works."))
    watch = BooleanField(N_("Tell me about replies"))


async def listing(request: Request) -> Response:
    context = {"rows": ROWS, "section": "home", "object_uri": "https://rivers.example/c/watershed"}
    notice = Notice("Your discussion is published.", "good")
    return page(request, "list.html", {**context, "flash": notice, "place": PLACE})


async def thread(request: Request) -> Response:
    form = SampleForm.blank(request)
    context = {"starter": STARTER, "branches": arrange(REPLIES), "form": form, "preview": TEXT}
    return page(request, "thread.html", {**context, "section": "explore", "place": PLACE})


async def show_form(request: Request) -> Response:
    return page(request, "form.html", {"form": SampleForm.blank(request, kind="question")})


async def send_form(request: Request) -> Response:
    form = await SampleForm.sent(request)
    if form.validate() and form.title.data == "taken":
        refused = errors.Invalid("", {"title": "That title is taken.", "other": "Too early."})
        fill_errors(form, refused)
    if form.errors:
        return page(request, "form.html", {"form": form}, 422)
    return PlainTextResponse(f"{form.title.data} {form.watch.data} {form.kind.data}")


async def nothing(request: Request) -> Response:
    return page(request, "nothing.html", {"section": "you", "person": MARIA})


FAILURES: dict[str, Exception] = {
    "invalid": errors.Invalid("", {"title": "A title is needed."}),
    "notallowed": errors.NotAllowed("Only a steward can close a discussion. Ask one."),
    "notfound": errors.NotFound(),
    "gone": errors.Gone("Removed by its author."),
    "conflict": errors.Conflict("That name is taken."),
    "toomany": errors.TooMany("Wait a little.", 17),
    "malformed": errors.Malformed("The field type is missing."),
    "toolarge": errors.TooLarge("At most 1 MB."),
    "unproved": errors.Unproved("No signature."),
    "busy": errors.Busy("The database is busy.", 9),
    "unexpected": ZeroDivisionError("secret detail"),
}


async def fail(request: Request) -> Response:
    raise FAILURES[request.path_params["how"]]


async def body(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def who(request: Request) -> Response:
    return PlainTextResponse("in")


ENDPOINTS = (
    Endpoint("/", ("GET",), listing, name="home"),
    Endpoint("/sample/thread", ("GET",), thread),
    Endpoint("/sample/form", ("GET",), show_form),
    Endpoint("/sample/form", ("POST",), send_form),
    Endpoint("/sample/nothing", ("GET",), nothing),
    Endpoint("/fail/{how}", ("GET", "POST"), fail, csrf=False),
    Endpoint("/body", ("POST",), body),
    Endpoint("/inbox", ("POST",), body, csrf=False),
    Endpoint("/often", ("POST",), who, limit="3/5minutes"),
    Endpoint("/members", ("GET", "POST"), who, auth="member"),
    Endpoint("/admin", ("GET",), who, auth="admin"),
    Endpoint("/healthz", ("GET",), who),
    Endpoint(assets.PATH, ("GET",), assets.serve, name="static"),
)
