"""Every door that takes text, tried with texts that broke other programs, on both databases.

Nothing is a mistake of ours (5xx), what is refused is refused in words, and what is kept is shown
as text: on pages, in the documents for other servers, in what is sent to them.
"""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any, cast

import httpx
import orjson
import pytest
from sqlalchemy import select

from fedcop.domain.access.links import issue_invite
from fedcop.domain.moderation.report import report
from fedcop.domain.people.models import Account, Actor
from fedcop.domain.posts.models import Post
from fedcop.web.rates import Rates
from tests.doors.browsers import browser, filled, routes, token_of
from tests.doors.conftest import Door, furnish
from tests.doors.looker import Looker
from tests.doors.peers import HOME, Peer
from tests.fediverse import fediverse_on
from tests.fuzz.hostile_texts import STORAGE, collected, some
from tests.fuzz.page_forms import PageForm, encoded, forms_of
from tests.fuzz.test_fuzz_html import words_of

pytestmark = pytest.mark.anyio
AS2 = {"Accept": "application/activity+json"}
NOT_SENT = re.compile(
    r"/readyz|/metrics|/static/.*|/sign-out|/settings/delete|/settings/sessions/.*|/p/\d+/delete"
)
LAST = re.compile(r"closing|bans|remove|lock|policies|suspend|rules|admin|writing|role|stewards")
"""What closes other doors is sent last."""


@dataclass
class House:
    """A server with a member for everything: Ana is an admin, and the steward of the garden."""

    door: Door
    ana: httpx.AsyncClient
    anyone: httpx.AsyncClient
    invitation: str


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
async def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("texts")

    async def never(*_: Any) -> None:
        return

    async with fediverse_on(request, folder) as world:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Rates, "hit", never)
            door = await furnish(world)
            invitation = await inhabit(door)
            token = await token_of(door, door.ana)
            async with browser(door, token) as ana, browser(door) as anyone:
                yield House(door, ana, anyone, invitation)


@pytest.fixture
def texts(shared: Path) -> list[str]:
    return collected(shared)


async def inhabit(door: Door) -> str:
    """What opens all pages: an admin, reports, posts by both, somebody who is known from elsewhere.

    The token of an invitation.
    """
    await door.kofi.reply(door.starter, "Sand.")
    await door.ana.write(door.garden, "Clay", "What of clay?")
    lea = Peer(door.web, "https://one.test/u/lea", 2).live()
    lea_id = await door.server.meet(lea.uri)
    post = await door.find(door.starter)
    assert post is not None

    def act(uow: Any) -> str:
        uow.get(Account, door.ana.id).role = "admin"
        there, kofi = uow.get(Post, post.id), uow.get(Actor, door.kofi.id)
        report(uow, uow.get(Actor, door.ana.id), target=kofi, post=there, words="Rude.")
        report(uow, kofi, target=uow.get(Actor, lea_id), words="Rude, too.")
        return issue_invite(uow)

    return await door.server.act(act)


async def addresses(house: House) -> list[str]:
    """Every page of the routes, with names and numbers that are there."""
    door = house.door

    def numbers(session: Any) -> list[int]:
        return list(session.scalars(select(Post.id).order_by(Post.id).limit(2)))

    ids = await door.server.read(numbers)
    found: set[str] = set()
    for path in routes(door, "GET"):
        if not NOT_SENT.fullmatch(path):
            name = "kofi" if path.startswith(("/@", "/u/", "/admin")) else "garden"
            found |= {filled(path, door, row_id, name) for row_id in ids}
    return sorted(found)


def safe(answer: httpx.Response, of: object) -> None:
    """Never a mistake of ours; a page on which nothing runs; a refusal that says something."""
    assert answer.status_code < 500, (of, answer.status_code)
    assert answer.status_code != 429
    if "text/html" not in answer.headers.get("content-type", ""):
        return
    looker = Looker()
    looker.feed(answer.text)
    looker.close()
    assert looker.bad == [], (of, looker.bad[:5])
    if answer.status_code >= 400:
        said = re.search(r'role="alert"|class="lead">\s*\S|class="(?:field-)?error', answer.text)
        assert said, (of, answer.status_code)


async def crawl(house: House) -> list[PageForm]:
    """All forms with a field for words, one of each shape; every page is looked at on the way.

    The pages are those of the routes, and those to which they lead, one of each shape.
    """
    found: dict[tuple[str, ...], PageForm] = {}
    waiting, seen = await addresses(house), set[str]()
    while waiting:
        path = waiting.pop(0)
        answer = await house.ana.get(path, follow_redirects=True)
        safe(answer, path)
        if answer.status_code != 200 or "html" not in answer.headers["content-type"]:
            continue
        for form in forms_of(path, answer.text):
            if form.takes_text and not NOT_SENT.fullmatch(form.action):
                found.setdefault(form.shape, form)
        for link in re.findall(r'href="(/[^"#]*)', answer.text):
            plain = unescape(link)
            shape = re.sub(r"\d+|=[^&]*", "1", plain)
            if shape not in seen and not NOT_SENT.match(plain) and len(plain) < 200:
                seen.add(shape)
                waiting.append(plain)
    return sorted(found.values(), key=lambda form: (bool(LAST.search(form.action)), form.action))


async def test_every_form_of_every_page(house: House, texts: list[str]) -> None:
    forms = await crawl(house)
    actions = " ".join(form.action for form in forms)
    for part in ("/search", "/settings/profile", "/c/garden/edit", "/new", "reply", "/report"):
        assert part in actions, part
    assert len(forms) >= 20
    kept = 0
    for number, form in enumerate(forms):
        sent = [*some(STORAGE, 6, number), *some(texts, 3, number)]
        for text in sent:
            answer = await form.send(house.ana, text)
            safe(answer, (form.action, text))
            kept += answer.status_code == 303
        for text in some(sent, 2, number):
            safe(await form.send(house.ana, text, all_of_it=True), (form.action, text))
    assert kept > 50
    await forms_of_strangers(house, texts)
    await crawl(house)  # and everything is shown as text
    await look_at_documents(house)


async def forms_of_strangers(house: House, texts: list[str]) -> None:
    for path in ("/sign-in", f"/join/{house.invitation}"):
        page = await house.anyone.get(path)
        forms = [form for form in forms_of(path, page.text) if form.method == "POST"]
        assert forms, path
        for form in forms:
            for text in [*some(STORAGE, 5), *some(texts, 3)]:
                safe(await form.send(house.anyone, text, all_of_it=True), (path, text))


async def look_at_documents(house: House) -> None:
    """What other servers read and are sent: JSON, and HTML in it of which nothing runs."""
    door = house.door
    posts = await door.server.read(lambda s: list(s.scalars(select(Post.uri).where(Post.local))))
    paths = ["/u/ana", "/u/kofi", "/c/garden", "/", "/c/garden/outbox", "/c/garden/featured"]
    paths += ["/u/kofi/outbox", "/u/ana/outbox", "/nodeinfo/2.1", "/c/garden/moderators"]
    for path in [*paths, *some(posts, 12)]:
        for agent in ("", "Mastodon/4.6.0 (http.rb; +https://a.test/)"):
            answer = await house.anyone.get(path, headers=AS2 | {"User-Agent": agent})
            assert answer.status_code in {200, 410}, path
            for words in html_in(orjson.loads(answer.content)):
                words_of(words)


def html_in(thing: object) -> Iterator[str]:
    """What is HTML in a document of ours: content, and the summary of an actor.

    What others said is passed on as they said it: a proof covers every byte.
    """
    if isinstance(thing, dict):
        document = cast("dict[str, Any]", thing)
        if not str(document.get("attributedTo", f"https://{HOME}/")).startswith(f"https://{HOME}/"):
            return
        fields = ["content"] if document.get("mediaType") != "text/markdown" else []
        if document.get("type") in {"Person", "Group", "Application"}:
            fields.append("summary")
        yield from (document[name] for name in fields if isinstance(document.get(name), str))
        for below in document.values():
            yield from html_in(below)
    elif isinstance(thing, list):
        for below in cast("list[object]", thing):
            yield from html_in(below)


async def test_what_is_kept_is_what_was_written(house: House, texts: list[str]) -> None:
    """Word for word, on both databases; what cannot be kept so is refused."""
    door = house.door
    uri = await door.ana.write(door.garden, "Words", "Anything.")
    post = await door.find(uri)
    assert post is not None
    for text in [*STORAGE, *some(texts, 20)]:
        body = f"source={encoded(text)}".encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = await house.ana.post(f"/p/{post.id}/reply", content=body, headers=headers)
        safe(answer, text)
        if answer.status_code != 303:
            continue
        kept = int(answer.headers["location"].partition("#r")[2])
        reply = await door.server.read(lambda s, kept=kept: s.get_one(Post, kept))
        wanted = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        assert reply.source == wanted.replace("\0", "").replace("\r\n", "\n").strip(), ascii(text)
        words_of(reply.html)


async def test_addresses_and_what_is_searched_for(house: House, texts: list[str]) -> None:
    for text in [*STORAGE, *some(texts, 6)]:
        part = encoded(text[:300]).replace("+", "%20")
        for path in (
            f"/search?q={part}&kind={part}&page={part}&in={part}",
            f"/.well-known/webfinger?resource={part}",
            f"/.well-known/webfinger?resource=acct:{part}@cop.test",
            f"/authorize_interaction?uri={part}",
            f"/c/{part}",
            f"/@{part}",
            f"/tag/{part}",
            f"/c/garden?{part}={part}&sort={part}&after={part}",
        ):
            safe(await house.anyone.get(path), path)


async def test_what_arrives_at_the_inbox(house: House, texts: list[str]) -> None:
    """In every field for words of a person, a discussion, a reply and a report."""
    door = house.door
    sent: list[str] = []
    for number, text in enumerate([*STORAGE, *some(texts, 12)]):
        plain = text.encode("utf-8", "replace").decode().replace("\0", "")
        who = Peer(door.web, f"https://t{number}.test/u/u", 1)
        who.more = {"name": plain, "summary": plain, "preferredUsername": plain}
        who.live()
        tags = [{"type": "Hashtag", "name": plain, "href": "https://x.test/"}]
        tags.append({"type": "Mention", "name": plain, "href": door.kofi.uri})
        files = [{"type": "Image", "url": f"https://x.test/{number}", "name": plain}]
        said: dict[str, Any] = {"content": plain, "attachment": files, "tag": tags}
        said |= {"cc": [door.garden.uri], "audience": door.garden.uri, "summary": plain}
        said |= {"source": {"content": plain, "mediaType": "text/markdown"}}
        starter = who.note(type="Page", name=plain, **said)
        reply = who.note(inReplyTo=door.starter, contentMap={plain: plain}, **said)
        flag = who.says("Flag", door.starter, content=plain, summary=plain, to=[door.garden.uri])
        for document in (who.creates(starter), who.creates(reply), flag):
            answer = await door.hears(who, document)
            assert answer.status_code in {202, 400}, (text, answer.text)
        sent += [starter["id"], reply["id"]]
    shown = [uri for uri in sent if await door.find(uri) is not None]
    assert len(shown) > 20
    roots: set[int] = set()
    for uri in shown:
        post = await door.find(uri)
        assert post is not None
        words_of(post.html)
        roots.add(post.root_id)
    for root in some(sorted(roots), 8):
        safe(await house.ana.get(f"/c/garden/p/{root}/x"), root)
    for path in ("/c/garden", "/", "/notifications", "/c/garden/stewardship/reports", "/explore"):
        safe(await house.ana.get(path), path)
    await look_at_documents(house)


async def test_broken_text_in_json(house: House, texts: list[str]) -> None:
    """NUL, half a surrogate pair and bytes that are no UTF-8 are refused before the signature."""
    door = house.door
    bob = Peer(door.web, "https://one.test/u/bob", 1).live()
    for broken in (rb"\u0000", rb"\ud800", rb"\udc00\ud800", b"\xff", b"\xed\xa0\x80", b"\0"):
        body = orjson.dumps(bob.says("Like", door.starter))[:-1] + b',"summary":"' + broken + b'"}'
        answer = await door.hears(bob, body)
        assert answer.status_code == 400, broken
        assert answer.json()["error"]
