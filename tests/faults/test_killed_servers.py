"""A server that is killed under load loses nothing and doubles nothing, on both databases."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest

from tests.databases import PostgreSql
from tests.faults import arrivals, expected, member
from tests.faults.__main__ import in_words
from tests.faults.ledger import ACKNOWLEDGED, REFUSED, UNKNOWN, Ledger, Read
from tests.faults.people import settle
from tests.faults.run import Plan, Run
from tests.faults.stories import Author

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_nothing_is_lost_and_nothing_is_doubled(database, request, tmp_path):
    plan = Plan(kills=5, activities=150, seed=7, database=database, hosts=8, residents=3, guests=1)
    server = request.getfixturevalue("postgresql") if database == "postgresql" else None
    result = await Run(plan, tmp_path, server)()
    assert result.kills == plan.kills
    assert result.acknowledged > 100
    assert result.owed > 100
    assert result.written > 0
    assert result.is_good, in_words(result)


@pytest.fixture
def own_postgresql():
    """A server of the test's own: the one that all others share is not broken off."""
    server = PostgreSql()
    yield server
    server.stop()


@pytest.mark.parametrize(("trouble", "database"), [("file", "sqlite"), ("break", "postgresql")])
async def test_a_database_in_trouble_is_503_and_never_a_false_202(
    trouble, database, request, tmp_path
):
    """The file locked for longer than anybody waits, and its disk full; PostgreSQL broken off."""
    plan = Plan(
        kills=2,
        activities=120,
        seed=5,
        database=database,
        trouble=trouble,
        hosts=8,
        residents=2,
        guests=1,
    )
    server = request.getfixturevalue("own_postgresql") if database == "postgresql" else None
    result = await Run(plan, tmp_path, server)()
    assert result.kills == plan.kills
    assert result.tries > result.acknowledged + 10  # some were put off
    assert result.is_good, in_words(result)


async def test_a_ledger_knows_what_became_of_each(tmp_path):
    ledger = Ledger(tmp_path / "said.jsonl")
    await asyncio.gather(*(ledger.write(sent=n, hash=n, what={"verb": "Like"}) for n in "abcd"))
    await ledger.write(answered="a", status=None)
    await ledger.write(sent="a", hash="a")
    await ledger.write(answered="a", status=202, wait=None)
    await ledger.write(answered="b", status=503, wait=None)
    await ledger.write(answered="c", status=401)
    ledger.close()
    read = Read.of(tmp_path / "said.jsonl")
    kinds = {uri: entry.kind for uri, entry in read.items()}
    assert kinds == {"a": ACKNOWLEDGED, "b": UNKNOWN, "c": REFUSED, "d": UNKNOWN}
    assert (read["a"].tries, read["b"].without_wait) == (2, 1)
    with (tmp_path / "said.jsonl").open("a") as file:
        file.write(json.dumps({"sent": "a", "hash": "other"}) + "\n")
    with pytest.raises(ValueError, match="other bytes"):
        Read.of(tmp_path / "said.jsonl")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([], ""),
        ([("form-1-1", "u3", "c1")], "twice"),
        ([("form-1-9", "u3", "c1")], "not what was written"),
        ([("form-1-3", "u3", None)], "never said"),
        (None, "is lost"),
    ],
)
async def test_what_became_of_a_form_is_found(more, words, tmp_path):
    """1 is answered at the second try, 2 only put off, 3 never answered."""
    ledger = Ledger(tmp_path / "forms.jsonl")
    what = {"community": "place", "starts": False}
    for name, *answers in (("1", None, 303), ("2", 429), ("3", None)):
        for status in answers:
            await ledger.write(sent=f"form-1-{name}", hash=name, what=what)
            await ledger.write(answered=f"form-1-{name}", status=status, wait="1")
    ledger.close()
    rows = [] if more is None else [("form-1-1", "u1", "c1"), *more]
    there = [(uri, "place", False, f"{name}: Hello", create) for name, uri, create in rows]
    session: Any = SimpleNamespace(execute=lambda _: there)
    _, wrong = member.check(session, Read.of(tmp_path / "forms.jsonl"))
    assert [words in one for one in wrong] == ([True] if words else [])


def _told(tmp_path, drop=None, twice=None, swap=None):
    """What is found wrong if hosts are told all that is owed, but for one thing."""
    town = settle(8, 2, 0)
    author = Author(town, {place: f"{place}/1" for place in town.communities}, seed=3)
    read = Read()
    for story in [*author.arrivals(), *author.stories(60)]:
        for act in story:
            uri = act.id
            answers = [401] if act.forged else [202]
            read[uri] = expected.Entry(uri, "", act.what, 1, answers)
    world, wrong = expected.of(read)
    assert wrong == []
    files = {}
    for host in town.hosts:
        files[host.name] = tmp_path / host.name
        as_forum = arrivals._as_forum if host.is_forum else arrivals._as_microblog
        owed = [*as_forum(host, world), *arrivals._accepts(world)[host.name]]
        lines = [_line(one.key, one.about) for one in owed]
        if host is town.hosts[0]:
            changed = [n for n, one in enumerate(owed) if one.needed]
            if drop is not None:
                del lines[changed[drop]]
            if twice is not None:
                lines.append({**lines[changed[0]], "life": twice})
            if swap is not None:
                lines.reverse()
        text = "".join(json.dumps(line) + "\n" for line in lines)
        files[host.name].write_text(text)
    return arrivals.check(town, files, world)


def _line(key, about):
    verb, thing = key
    inner = {"thing": "boost", "kind": "Announce", "about": about}
    told = inner if verb == "Undo" else {"thing": thing, "kind": None, "about": None}
    return {"life": 1, "id": f"{verb} {thing}", "type": verb, **told}


def test_hosts_that_were_told_everything_are_content(tmp_path):
    told = _told(tmp_path)
    assert told.wrong == []
    assert told.owed > 60
    assert told.doubled == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"drop": 0}, "was never told"),
        ({"twice": 1}, "in one life of the server"),
        ({"swap": True}, "heard"),
    ],
)
def test_what_a_host_missed_is_found(change, words, tmp_path):
    assert any(words in one for one in _told(tmp_path, **change).wrong)


def test_what_is_told_again_after_a_kill_is_only_counted(tmp_path):
    told = _told(tmp_path, twice=2)
    assert (told.wrong, told.doubled) == ([], 1)


def test_the_same_seed_tells_the_same_stories():
    town = settle(8, 3, 1)

    def told(seed):
        author = Author(town, {place: f"{place}/1" for place in town.communities}, seed)
        return [[(act.id, act.what) for act in story] for story in author.stories(200)]

    assert told(1) == told(1)
    assert told(1) != told(2)
    assert sum(map(len, told(1))) == 200
