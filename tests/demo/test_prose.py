"""The prose of the demo holds together: its people, places, times and references."""

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from fedcop.demo import prose
from fedcop.demo.prose import BadStory, CommunityStory, DiscussionStory, Story, load_story

STORY = load_story()
HERE = Path(prose.__file__).parent
TOLD = [(c, d) for c in STORY.communities for d in c.discussions]
HOME = {p.handle: p.home for p in STORY.people}

each_community = pytest.mark.parametrize("community", STORY.communities, ids=lambda c: c.name)
each_discussion = pytest.mark.parametrize(
    ("community", "told"), TOLD, ids=[f"{c.name}-{n}" for n, (c, _) in enumerate(TOLD)]
)


def words(text: str) -> int:
    return len(text.split())


def everything(story: Story) -> list[str]:
    """Every text that is shown somewhere."""
    texts = [p.bio for p in story.people]
    for community in story.communities:
        texts += [community.charter, community.purpose]
        for told in community.discussions:
            texts += [told.body, *(r.body for r in told.replies)]
    return texts + [a.body for a in story.arrivals]


def test_there_is_as_much_as_the_demo_promises():
    assert [(c.name, c.home) for c in STORY.communities] == [
        ("watershed", "rivers"),
        ("restoration", "rivers"),
        ("fieldteaching", "delta"),
    ]
    assert len(TOLD) >= 58
    assert sum(len(d.replies) for _, d in TOLD) >= 200
    assert len(STORY.arrivals) == 6
    assert Counter(HOME.values()) == {"rivers": 12, "delta": 10}


def test_some_questions_are_still_open():
    assert 3 <= sum(not d.replies for _, d in TOLD) <= 8


def test_names_are_unique():
    assert len(HOME) == len(STORY.people)
    assert len({p.name for p in STORY.people}) == len(STORY.people)
    titles = [d.title for _, d in TOLD] + [a.title for a in STORY.arrivals if a.title]
    assert len(set(titles)) == len(titles)


def test_nothing_is_said_twice():
    assert [text for text, n in Counter(everything(STORY)).items() if n > 1] == []


def test_everybody_writes():
    authors = {d.author for _, d in TOLD} | {r.author for _, d in TOLD for r in d.replies}
    assert set(HOME) - authors == set()


def test_links_lead_to_reserved_places_only():
    for text in everything(STORY):
        for host in re.findall(r"[a-z]+://([^/\s)]+)", text):
            assert host in {"example.org", "example.net"}, text


@pytest.mark.parametrize("home", ["rivers", "delta"])
def test_four_or_five_people_belong_to_communities_of_the_other_server(home: str):
    guests = {
        handle
        for c in STORY.communities
        if c.home != home
        for handle in c.people
        if HOME[handle] == home
    }
    assert 4 <= len(guests) <= 5


@each_community
def test_a_community_knows_its_people(community: CommunityStory):
    assert set(community.people) <= set(HOME)
    assert len(set(community.people)) == len(community.people)
    assert community.stewards
    assert {HOME[s] for s in community.stewards} == {community.home}
    assert len({HOME[m] for m in community.people}) == 2
    assert community.purpose.count(".") == 1
    assert 120 <= words(community.charter) <= 200
    assert sum(d.pinned for d in community.discussions) <= 1


@each_discussion
def test_a_discussion_holds_together(community: CommunityStory, told: DiscussionStory):
    people = set(community.people)
    assert 40 <= words(told.body) <= 180
    assert 0 < len(told.title) <= 120
    assert 0.2 <= told.days_ago <= 200
    assert len(told.replies) <= 7
    assert {told.author, *told.helpful} <= people
    assert told.author not in told.helpful
    assert len(set(told.helpful)) == len(told.helpful)


@each_discussion
def test_replies_come_after_what_they_answer(community: CommunityStory, told: DiscussionStory):
    people = set(community.people)
    before = told.days_ago
    for index, reply in enumerate(told.replies):
        assert 0 < reply.days_ago < before
        assert reply.to is None or reply.to < index
        assert 20 <= words(reply.body) <= 90
        assert {reply.author, *reply.helpful} <= people
        assert reply.author not in reply.helpful
        assert len(set(reply.helpful)) == len(reply.helpful)
        before = reply.days_ago


@pytest.mark.parametrize("arrival", STORY.arrivals, ids=lambda a: a.author)
def test_an_arrival_comes_from_the_other_server(arrival: prose.Arrival):
    community = next(c for c in STORY.communities if c.name == arrival.community)
    assert arrival.author in community.people
    assert HOME[arrival.author] != community.home
    assert 20 <= words(arrival.body) <= 180
    if arrival.reply_to is not None:
        assert arrival.reply_to in {d.title for d in community.discussions}
    else:
        assert arrival.title is not None
        assert len(arrival.title) <= 120


@pytest.mark.parametrize(
    ("name", "slip", "message"),
    [
        ("people.toml", ('name = "Inga Sørlie"\n', ""), "people.toml, person 0: add .* 'name'"),
        ("people.toml", ('handle = "inga"', 'handle = "Inga!"'), "make 'handle' a handle"),
        ("people.toml", ('home = "delta"', 'home = "sea"'), "make 'home' 'rivers' or 'delta'"),
        ("people.toml", ("[[person]]", "[[person"), "people.toml: not TOML"),
        ("watershed.toml", ("pinned = true", "pined = true"), "unknown fields \\['pined'\\]"),
        ("watershed.toml", ("pinned = true", "pinned = 1"), "make 'pinned' true or false"),
        ("watershed.toml", ("days_ago = 196.0", 'days_ago = "old"'), "make 'days_ago' a number"),
        ("watershed.toml", ("to = 1\n", "to = -1\n"), "reply 2: make 'to' a whole number"),
        ("watershed.toml", ('stewards = ["inga"', "stewards = [7"), "make 'stewards' a list of h"),
        (
            "watershed_more.toml",
            ('name = "watershed"', 'name = "other"'),
            "make 'name' 'watershed'",
        ),
        ("arrivals.toml", ("title = ", 'reply_to = "x"\ntitle = '), "either 'title' or 'reply_to'"),
        (
            "watershed_more.toml",
            ("days_ago = 4.3", "days_ago = 4\nreply = [1]"),
            "'reply' a list of t",
        ),
    ],
)
def test_a_slip_in_a_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, slip: tuple[str, str], message: str
):
    for path in HERE.glob("*.toml"):
        shutil.copy(path, tmp_path)
    target = tmp_path / name
    text = target.read_text(encoding="utf-8")
    assert slip[0] in text
    target.write_text(text.replace(*slip, 1), encoding="utf-8")
    monkeypatch.setattr(prose, "files", lambda _: tmp_path)
    with pytest.raises(BadStory, match=message):
        load_story()
