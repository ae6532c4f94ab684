"""Sentences about posts: how many there are, whose, in what words, and what became of others."""

from collections.abc import Iterator

from tests.hostile.people import REMOTE, base
from tests.hostile.snapshot import Change, Row
from tests.hostile.trial import Trial
from tests.hostile.words.table import allows, says
from tests.hostile.world import local


def _new(trial: Trial) -> list[Row]:
    return [row for row in trial.new("posts") if row["confirmed"]]


def _hers(trial: Trial, row: Row) -> str:
    return trial.uri_of(row["author_id"])


@says("no post created", "no post")
def no_post(trial: Trial) -> Iterator[str]:
    for row in _new(trial):
        yield f"there is {row['uri']}"


@says("no post with the attacker's text exists")
def no_words_of_the_attacker(trial: Trial) -> Iterator[str]:
    for row in trial.after.rows("posts"):
        if trial.filling.nonce in row["html"]:
            yield f"{row['uri']} by {_hers(trial, row)}"


@says("no post without an id")
def every_post_has_an_id(trial: Trial) -> Iterator[str]:
    for row in trial.after.rows("posts"):
        if not row["uri"].startswith("https://"):
            yield f"a post has the id {row['uri']!r}"
    yield from no_words_of_the_attacker(trial)


@says("one post", "post exists", "exactly one post")
def one_post(trial: Trial) -> Iterator[str]:
    if len(_new(trial)) != 1:
        yield f"{len(_new(trial))} posts"


@says(r"exactly one post, author (\w+)", r"exactly one post: (\w+)'s")
def one_post_by(trial: Trial, who: str) -> Iterator[str]:
    yield from one_post(trial)
    for row in _new(trial):
        if _hers(trial, row) != trial.who(who):
            yield f"it is by {_hers(trial, row)}"


@says(r"one post by (\w+) in (\w+)")
def one_post_in(trial: Trial, who: str, place: str) -> Iterator[str]:
    yield from one_post_by(trial, who)
    for row in _new(trial):
        if trial.uri_of(row["community_id"]) != trial.who(place):
            yield f"it is in {trial.uri_of(row['community_id'])}"


@says(r"if stored, author is (\w+)")
def if_stored(trial: Trial, who: str) -> Iterator[str]:
    for row in _new(trial):
        if _hers(trial, row) != trial.who(who):
            yield f"it is by {_hers(trial, row)}"


@says(r"nothing shown under (\w+?)(?:'s name)?")
def nothing_by(trial: Trial, who: str) -> Iterator[str]:
    for row in trial.new("posts"):
        if _hers(trial, row) == trial.who(who):
            yield f"{row['uri']} is said to be by {who}"


@says("url on another host is dropped or shown as foreign")
def no_borrowed_address(trial: Trial) -> Iterator[str]:
    for row in trial.new("posts"):
        if row["url"] and row["url"].split("/")[2] != row["uri"].split("/")[2]:
            yield f"{row['uri']} has its page at {row['url']}"


@says(r"nothing stored under host (\w)")
def nothing_of_host(trial: Trial, letter: str) -> Iterator[str]:
    for table in ("posts", "actors"):
        for row in trial.new(table):
            if row["uri"].startswith(f"{base(letter)}/"):
                yield f"{table} has {row['uri']}"


@says("items on other hosts are not taken")
def nothing_of_others(trial: Trial) -> Iterator[str]:
    for row in trial.new("posts"):
        if _hers(trial, row) not in trial.doers:
            yield f"{row['uri']} by {_hers(trial, row)}"


@says(r"(\w\d) visible")
def visible(trial: Trial, name: str) -> Iterator[str]:
    found = [row for row in trial.after.rows("posts") if row["uri"].endswith(f"/n/{name}")]
    if len(found) != 1:
        yield f"{len(found)} posts"
    for row in found:
        if row["deleted_at"] or row["removed_at"] or not row["confirmed"]:
            yield "it is not shown"


@says(r"text is (\w+)")
def text_is(trial: Trial, words: str) -> Iterator[str]:
    for row in _new(trial):
        if words not in row["html"]:
            yield f"it reads {row['html']!r}"
    if not _new(trial):
        yield "there is no post"


@says(r"(\w+)'s post stays", r"(\w+)'s text unchanged unless P itself serves the new text under \1")
def post_stays(trial: Trial, who: str) -> Iterator[str]:
    posts = trial.before.rows("posts", author_id=trial.id_of(trial.who(who), trial.before))
    if not posts:
        yield f"there was no post by {who}"
    yield from trial.unchanged(*(row["uri"] for row in posts))


@says(
    r"author of \{\{(\w)\}\}(/\S+) still (\w+)",
)
def same_author(trial: Trial, letter: str, path: str, who: str) -> Iterator[str]:
    row = trial.after.one("posts", uri=base(letter) + path)
    if row is None or _hers(trial, row) != trial.who(who):
        yield f"it is {row and _hers(trial, row)}"
    yield from trial.unchanged(base(letter) + path)


@says(r"(?:audience and mentions|visibility) of \{\{(\w)\}\}(/\S+) unchanged")
def same_audience(trial: Trial, letter: str, path: str) -> Iterator[str]:
    """What was stored stands as it stood; what was not public is not shown."""
    uri = base(letter) + path
    yield from trial.unchanged(uri)
    if trial.before.one("posts", uri=uri) is None and trial.after.one("posts", uri=uri) is not None:
        yield f"{uri} is stored now"


@says("text equals what V serves")
def as_served(trial: Trial) -> Iterator[str]:
    for row in trial.before.rows("posts", author_id=trial.id_of(REMOTE["victor"].uri)):
        now = trial.after.one("posts", id=row["id"])
        if now is None or "FORGED" in now["html"]:
            yield f"{row['uri']} reads {now and now['html']!r}"


@says(
    "author's post is not tombstoned",
)
def not_buried(trial: Trial) -> Iterator[str]:
    for row in trial.before.rows("posts", author_id=trial.id_of(REMOTE["victor"].uri)):
        now = trial.after.one("posts", id=row["id"])
        if now is None or now["deleted_at"]:
            yield f"{row['uri']} is deleted"
    for row in trial.new("tombstones"):
        if row["said_by"] == REMOTE["victor"].uri:
            yield f"{row['uri']} is buried by its author"


@allows("at most hidden within rgroup")
def hidden_by_group(change: Change) -> bool:
    if change.table in {"moderation_log", "activities", "notifications"}:
        return change.before is None
    return change.table == "posts" and change.columns <= {"removed_at", "removal_reason"}


@says("at most hidden within rgroup and logged as a group removal")
def removed_by_group(trial: Trial) -> Iterator[str]:
    for change in trial.touched("posts"):
        if change.before is not None and change.row["removed_by_id"] is not None:
            yield f"{change.row['uri']} is removed in somebody's name"


@says(
    "text unchanged",
    "like count unchanged",
)
def same_posts(trial: Trial) -> Iterator[str]:
    for change in trial.touched("posts"):
        if change.before is not None:
            yield f"{change.row['uri']}: {sorted(change.columns)}"
    for change in trial.touched("votes"):
        yield str(change)


@says(r"(\d+) likes by (\w+)")
def likes_by(trial: Trial, count: str, who: str) -> Iterator[str]:
    actor = trial.id_of(trial.who(who))
    votes = [row for row in trial.after.rows("votes", actor_id=actor) if row["value"] == 1]
    if len(votes) != int(count):
        yield f"{len(votes)} likes"


@says("no reply shown, no Announce", "no reply row in private")
def no_reply(trial: Trial) -> Iterator[str]:
    yield from no_post(trial)
    for one in trial.announces():
        yield f"announced to {one.url}"


@says("response same as for a non-existing parent")
def same_answer(trial: Trial) -> Iterator[str]:
    """What is acted upon later is answered at once, and with nothing."""
    for reply in trial.all_replies:
        if reply.body:
            yield "the answer has words"


@says("exactly one community, never leaking the private one's existence")
def one_community(trial: Trial) -> Iterator[str]:
    posts = _new(trial)
    if len(posts) > 1:
        yield f"{len(posts)} posts"
    for row in posts:
        if trial.uri_of(row["community_id"]) != local("/c/public"):
            yield f"it is in {trial.uri_of(row['community_id'])}"
    for one in trial.deliveries:
        if trial.filling.nonce.encode() in one.body and local("/c/private") in one.json.get(
            "audience", ""
        ):
            yield f"{one.url} hears of the other community"


@says("shown time <= receive time")
def no_future(trial: Trial) -> Iterator[str]:
    """Later than the moment at which its row was read again: nothing is."""
    posts = trial.after.rows("posts")
    others = [row for row in posts if row not in trial.new("posts")]
    for row in _new(trial):
        if row["published_at"][:4] > "2030" or row["active_at"][:4] > "2030":
            yield f"{row['uri']} is of {row['published_at']}"
    if not others:
        yield "there is nothing to compare with"


@says("sort position not pinned at the top")
async def not_always_first(trial: Trial) -> list[str]:
    return [
        f"{row['uri']} is pinned or of the future"
        for row in _new(trial)
        if row["pinned_at"] or row["active_at"][:4] > "2030"
    ]
