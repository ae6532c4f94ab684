"""Pages of the frame: macros, languages, forms, what may be kept, static files."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from babel import Locale
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import DictLoader, UndefinedError
from sample_site import Site, visit

from fedcop.text.moments import ago
from fedcop.text.sanitize import SafeHtml
from fedcop.text.templates import environment, excerpt, plain
from fedcop.web import locale
from fedcop.web.assets import assets, read_assets
from fedcop.web.render import TEMPLATES
from fedcop.web.shapes import Name, Post, arrange

pytestmark = pytest.mark.anyio

PACKAGE = TEMPLATES.parent.parent
GAPS = re.compile(r"%\(\w+\)s|\{\w+\}")
ENGLISH = Locale.parse("en_GB")
PATHS = ("/", "/sample/thread", "/sample/form", "/sample/nothing", "/fail/gone")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("viewer", ["", "ana", "kofi"])
@pytest.mark.parametrize("language", ["en", "de"])
async def test_every_page_is_whole(
    ask: httpx.AsyncClient, path: str, viewer: str, language: str
) -> None:
    headers = {"X-Test-Viewer": viewer, "Accept-Language": language}
    text = (await ask.get(path, headers=headers)).text
    assert len(re.findall(r"<h1[ >]", text)) == 1
    for landmark in ('<main id="main"', "<header", "<footer", 'role="search"', 'class="skip"'):
        assert landmark in text
    assert f'<html lang="{language}" dir="ltr">' in text
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert not re.search(r'(?:src|href)="(?:https?:)?//(?!delta\.example|rivers\.example)', text)
    for word in ("instance", "actor", "magazine"):
        assert word not in re.sub(r"<[^>]*>", " ", text).lower()
    assert ("/sign-out" in text) == bool(viewer)
    assert ('href="/admin"' in text) == (viewer == "kofi"), "who looks after this server"


async def test_names_are_escaped_and_clean_html_is_not(ask: httpx.AsyncClient) -> None:
    text = (await ask.get("/sample/thread")).text
    assert "Jonas &lt;b&gt;Weber&lt;/b&gt;" in text
    assert '<pre tabindex="0"><code>site: R-14' in text


async def test_anonymous_pages_are_asked_for_again(ask: httpx.AsyncClient) -> None:
    first = await ask.get("/sample/nothing")
    assert first.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert {"Accept", "Accept-Language", "Cookie"} <= set(first.headers["vary"].split(", "))
    etag = first.headers["etag"]
    again = await ask.get("/sample/nothing", headers={"If-None-Match": f'"x", {etag}'})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == etag
    german = {"If-None-Match": etag, "Accept-Language": "de"}
    assert (await ask.get("/sample/nothing", headers=german)).status_code == 200


async def test_pages_of_members_are_kept_by_nobody(ask: httpx.AsyncClient) -> None:
    answer = await ask.get("/sample/nothing", headers={"X-Test-Viewer": "ana"})
    assert answer.headers["cache-control"] == "private, no-store"
    assert "etag" not in answer.headers


async def test_the_activitypub_document_is_named(ask: httpx.AsyncClient) -> None:
    answer = await ask.get("/")
    uri = "https://rivers.example/c/watershed"
    assert answer.headers["link"] == f'<{uri}>; rel="alternate"; type="application/activity+json"'
    assert f'type="application/activity+json" href="{uri}"' in answer.text
    assert "link" not in (await ask.get("/sample/form")).headers


async def test_a_form_is_taken(ask: httpx.AsyncClient) -> None:
    sent = {"kind": "question", "title": "Zürich", "password": "p", "watch": "y"}
    assert (await ask.post("/sample/form", data=sent)).text == "Zürich True question"
    multipart = await ask.post("/sample/form", data=sent, files={"f": ("a.txt", b"x")})
    assert multipart.text == "Zürich True question"


async def test_a_form_with_errors_says_so_beside_each_field(ask: httpx.AsyncClient) -> None:
    answer = await ask.post("/sample/form", data={"kind": "question", "title": "x" * 201})
    assert answer.status_code == 422
    assert '<a href="#title">Title</a>: Field cannot be longer than 200' in answer.text
    assert re.search(
        r'<input aria-describedby="title-hint title-wrong" aria-invalid="true"', answer.text
    )
    assert 'aria-describedby="password-wrong"' in answer.text
    assert "x" * 201 in answer.text, "what was written is not lost"


async def test_what_the_domain_refuses_stands_beside_the_field(ask: httpx.AsyncClient) -> None:
    sent = {"kind": "question", "title": "taken", "password": "p"}
    text = (await ask.post("/sample/form", data=sent)).text
    assert '<ul class="wrong" id="title-wrong">' in text
    assert text.count("That title is taken.") == 2
    assert text.count("Too early.") == 1


async def test_form_errors_in_german(ask: httpx.AsyncClient) -> None:
    answer = await ask.post("/sample/form", headers={"Accept-Language": "de"}, data={})
    assert "Dieses Feld wird benötigt." in answer.text


async def test_a_broken_form_is_400(ask: httpx.AsyncClient) -> None:
    sent = {"Content-Type": "multipart/form-data; boundary=x"}
    assert (await ask.post("/sample/form", headers=sent, content=b"nonsense")).status_code == 400


# static files


async def test_static_files_may_be_kept_for_ever(ask: httpx.AsyncClient) -> None:
    answer = await ask.get(assets().url("fedcop.css"))
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    old = await ask.get("/static/000000000000/fedcop.css")
    assert old.content == answer.content
    assert old.headers["cache-control"] == "no-cache"
    font = await ask.get(assets().url("source-sans-3.woff2"))
    assert font.headers["content-type"] == "font/woff2"


@pytest.mark.parametrize("name", ["nothing.css", "..%2f__init__.py", "%2e%2e/%2e%2e/errors.py"])
async def test_nothing_else_is_served(ask: httpx.AsyncClient, name: str) -> None:
    assert (await ask.get(f"/static/{assets().digest}/{name}")).status_code == 404


def test_the_digest_follows_the_content(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a{}")
    before = read_assets(tmp_path)
    assert read_assets(tmp_path) == before
    (tmp_path / "a.css").write_text("b{}")
    assert read_assets(tmp_path).digest != before.digest
    with pytest.raises(KeyError):
        before.url("b.css")


async def test_the_weight_of_the_frame(ask: httpx.AsyncClient) -> None:
    for name, bound in (
        ("fedcop.css", 8_192),
        ("icons.svg", 2_048),
        ("source-sans-3.woff2", 40_960),
    ):
        answer = await ask.get(assets().url(name), headers={"Accept-Encoding": "br"})
        assert int(answer.headers["content-length"]) <= bound, name


def test_every_icon_that_is_named_is_drawn() -> None:
    drawn = set(re.findall(r'id="([a-z]+)"', assets().files["icons.svg"].decode()))
    used = {
        name
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r'icon\("([a-z]+)"\)', path.read_text())
    }
    assert used <= drawn


# house rules of templates


def test_no_template_marks_anything_as_safe() -> None:
    for path in [*TEMPLATES.rglob("*.html"), *PACKAGE.rglob("*.py")]:
        text = path.read_text()
        assert not re.search(r"\|\s*safe\b(?!_)|autoescape", text) or path.name == "templates.py", (
            path
        )
        assert "Markup(" not in text or path.name == "templates.py", path
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=", text), path


def test_unknown_names_fail_and_values_are_escaped() -> None:
    env = environment(TEMPLATES, ENGLISH, locale.load()["en"].translations)
    env.loader = DictLoader({"a": "{{ x }}{{ _('%(a)s', a=x) }}", "b": "{{ nope }}"})
    assert env.get_template("a").render(x="<") == "&lt;&lt;"
    with pytest.raises(UndefinedError):
        env.get_template("b").render()


# languages


def test_a_catalogue_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "ar.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Sign in"\nmsgstr "دخول"\n'
    )
    found = locale.load(tmp_path)
    assert found["ar"].gettext("Sign in") == "دخول"
    assert found["ar"].direction == "rtl"
    assert found["en"].gettext("Sign in") == "Sign in"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT, en;q=0.5", "de"),
        ("fr, de;q=0.8, en;q=0.7", "de"),
        ("en, de", "en"),
        ("de;q=0, en", "en"),
        ("*", "en"),
        ('x";;,=,\x00', "en"),
    ],
)
def test_the_language_that_is_liked_best(header: str, code: str) -> None:
    assert locale.pick(header, locale.languages()).code == code


async def test_pages_speak_german(ask: httpx.AsyncClient) -> None:
    answer = await ask.get("/", headers={"Accept-Language": "de-CH"})
    assert "Entdecken" in answer.text
    assert "vor 2" in answer.text


async def test_a_site_may_bring_its_own_languages(site: Site) -> None:
    site.app.state.languages = {"en": locale.languages()["en"]}
    async with visit(site, headers={"Accept-Language": "de"}) as client:
        assert 'lang="en"' in (await client.get("/")).text


def test_the_german_is_complete() -> None:
    """Every word that babel.cfg finds, with its keywords, is said in German, gaps and all."""
    config = PACKAGE.parent / "babel.cfg"
    keywords = DEFAULT_KEYWORDS | parse_keywords(re.findall(r"-k (\S+)", config.read_text()))
    with config.open() as source:
        methods, options = parse_mapping_cfg(source)
    with (locale.FOLDER / "de.po").open("rb") as source:
        german = read_po(source)
    found = extract_from_dir(PACKAGE, methods, options, keywords)
    wanted = {
        message if isinstance(message, str) else tuple(message) for _, _, message, _, _ in found
    }
    for message in wanted:
        asked = [message] if isinstance(message, str) else list(message)
        entry = german.get(asked[0])
        assert entry is not None, message
        said = [entry.string] if isinstance(entry.string, str) else list(entry.string or [""])
        assert len(said) == len(asked), message
        assert all(said), message
        assert not entry.fuzzy, message
        assert sorted(GAPS.findall(said[-1])) == sorted(GAPS.findall(asked[-1])), message
    kept = {entry.id if isinstance(entry.id, str) else tuple(entry.id) for entry in german}
    assert kept - {""} == wanted
    assert not german.obsolete


# texts and times

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=-30), "1 sec ago"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=2), "2 hr ago"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=8), "12 May"),
        (timedelta(days=300), "24 Jul 2025"),
        (timedelta(days=-2), "in 2 days"),
    ],
)
def test_how_long_ago(before: timedelta, words: str) -> None:
    assert ago(NOW - before, NOW, ENGLISH) == words


def test_the_beginning_of_a_text() -> None:
    assert excerpt("  one\n two ", 20) == "one two"
    assert excerpt("one two three", 9) == "one two…"
    assert excerpt("x" * 30, 10) == "x" * 10 + "…"
    assert plain(SafeHtml("<p>a &amp; b</p>\n<p>c</p>")) == "a & b c"


# threads


def posts(*pairs: tuple[int, int | None]) -> list[Post]:
    nobody = Name("", "/")
    return [Post(n, nobody, NOW, SafeHtml(""), parent_id=parent) for n, parent in pairs]


def shape(branches: list) -> list:
    return [
        (b.post.id, b.in_reply_to.id if b.in_reply_to else 0, shape(b.branches)) for b in branches
    ]


def test_replies_nest_to_three_levels_then_go_on_flat() -> None:
    given = posts((2, 1), (3, 2), (4, 3), (5, 4), (6, 5), (7, 1))
    assert shape(arrange(given)) == [
        (2, 0, [(3, 0, [(4, 0, []), (5, 4, []), (6, 5, [])])]),
        (7, 0, []),
    ]


def test_a_reply_may_come_before_what_it_answers() -> None:
    assert shape(arrange(posts((3, 2), (2, 1)))) == [(2, 0, [(3, 0, [])])]


def test_a_circle_of_answers_is_shown_once() -> None:
    ids = {2, 3, 4}
    found = arrange(posts((2, 4), (3, 2), (4, 3), (5, 5)))
    seen: set[int] = set()
    waiting = list(found)
    while waiting:
        branch = waiting.pop()
        assert branch.post.id not in seen
        seen.add(branch.post.id)
        waiting.extend(branch.branches)
    assert seen == ids | {5}


def test_a_very_deep_thread_is_no_trouble() -> None:
    deep = posts(*((n, n - 1 if n > 1 else None) for n in range(1, 5_001)))
    assert len(arrange(list(reversed(deep)))) == 1


def test_the_letter_for_a_picture() -> None:
    assert Name("«ämne»", "/").initial == "Ä"
    assert Name("…", "/").initial == "?"
