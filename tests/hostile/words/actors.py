"""Sentences about people and communities: that they stay who they are, and are shown so."""

import re
from collections.abc import Iterator, Mapping

from tests.hostile.people import HOSTS, REMOTE, base
from tests.hostile.trial import Trial
from tests.hostile.words.table import says
from tests.hostile.world import local

_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_JOINERS = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_ADDRESSES = ("url", "inbox_uri", "shared_inbox_uri", "outbox_uri", "featured_uri")


def _named(trial: Trial) -> list[str]:
    """What the activity is about: its object, or what that says it is, and its target."""
    found: list[str] = []
    for body in trial.bodies:
        thing = body.get("object")
        things = thing if isinstance(thing, list) else [thing]
        for one in (*things, body.get("target")):
            uri = one.get("id") if isinstance(one, Mapping) else one
            if isinstance(uri, str):
                found += [uri, uri.rpartition("/")[0]]
    return [uri for uri in found if uri.startswith("https://")]


@says("target unchanged")
def same_target(trial: Trial) -> Iterator[str]:
    known = {row["uri"] for table in ("actors", "posts") for row in trial.before.rows(table)}
    named = [uri for uri in _named(trial) if uri in known]
    if not named:
        yield "nothing that is known here was named"
    yield from trial.unchanged(*named)


@says(
    "claimed author's records unchanged",
    "no row about the claimed actor changed",
)
def same_claimed(trial: Trial) -> Iterator[str]:
    claimed: set[str] = set()
    for body in trial.bodies:
        thing = body.get("object")
        author = thing.get("attributedTo") if isinstance(thing, Mapping) else None
        claimed |= {uri for uri in (body.get("actor"), author) if isinstance(uri, str)}
    yield from trial.unchanged(*(claimed - trial.signers))


@says(
    r"(victor|alice|bob|mod) (?:unchanged|stays)",
    r"stored (victor) unchanged \(key, name, inbox\)",
    r"(alice) and her posts stay",
)
def same_person(trial: Trial, who: str) -> Iterator[str]:
    if trial.after.one("actors", uri=trial.who(who)) is None:
        yield f"{who} is gone"
    yield from trial.unchanged(trial.who(who))


@says(r"second step must fail too: no poisoned cache entry for (\w+)")
def not_poisoned(trial: Trial, who: str) -> Iterator[str]:
    for reply in trial.all_replies:
        if 200 <= reply.status < 300:
            yield f"answered {reply.status}"
    yield from trial.unchanged(trial.who(who))


@says("no duplicate actor for the other spelling")
def no_double(trial: Trial) -> Iterator[str]:
    for row in trial.new("actors"):
        yield f"there is {row['uri']}"


@says("key is not replaced by one that P does not serve")
def same_key(trial: Trial) -> Iterator[str]:
    for change in trial.touched("keys"):
        if "public" in change.columns:
            yield str(change)


@says("no stored URL has a scheme other than https")
def only_https(trial: Trial) -> Iterator[str]:
    for row in trial.after.rows("actors"):
        for name in _ADDRESSES:
            if row[name] and not row[name].startswith("https://"):
                yield f"{name} of {row['uri']} is {row[name]}"
    for row in trial.after.rows("remote_inboxes"):
        if not row["uri"].startswith("https://"):
            yield f"there is an inbox {row['uri']}"


@says("bidi controls isolated or stripped")
def no_bidi(trial: Trial) -> Iterator[str]:
    for row in trial.new("actors"):
        if _BIDI.search(row["display_name"]):
            yield f"display_name of {row['uri']} is {row['display_name']!a}"


@says("preferredUsername restricted")
def plain_handle(trial: Trial) -> Iterator[str]:
    for row in trial.new("actors"):
        if _JOINERS.search(row["name"]):
            yield f"name of {row['uri']} is {row['name']!a}"


@says("always shown with @host; no role badge", "always shown with @host", "no role badge")
async def shown_with_host(trial: Trial) -> list[str]:
    """On the page of the members, whoever is not of here stands with the name of their host."""
    row = trial.after.one("actors", uri=REMOTE["mallory"].uri)
    if row is None:
        return []
    page = await trial.stage.get("/c/public/members")
    handle = f"@{row['name']}@{HOSTS['E']}"
    wrong = [] if handle in page.text else [f"{handle} does not stand there"]
    own = trial.after.rows("memberships", actor_id=row["id"])
    return wrong + ["a role came with the name" for one in own if one["role"] != "member"]


@says("host shown is evil.test or refused", r"shown with evil\.test")
async def shown_as_evil(trial: Trial) -> list[str]:
    last = trial.all_replies[-1]
    new = [row["uri"] for row in trial.new("actors")]
    wrong = [f"{uri} is stored" for uri in new if not uri.startswith(f"{base('E')}/")]
    if new and last.status == 200 and HOSTS["E"] not in last.text:
        wrong.append("the page does not name the host")
    return wrong


@says("url on another host is not used as the link")
def own_address(trial: Trial) -> Iterator[str]:
    for row in trial.new("actors"):
        if row["url"] and row["url"].split("/")[2] != row["uri"].split("/")[2]:
            yield f"{row['uri']} has its page at {row['url']}"
        if row["url"] == local("/c/public"):
            yield "it has the address of ours"


@says(r"never equals (\S+)")
def another_host(trial: Trial, host: str) -> Iterator[str]:
    for row in trial.new("actors"):
        if row["uri"].startswith(f"https://{host}/"):
            yield f"{row['uri']} was taken for it"
    for one in trial.asked:
        if one.host == host:
            yield f"{host} was asked for {one.url}"


@says("alice found", r"(\w+) found")
def is_found(trial: Trial, who: str = "alice") -> Iterator[str]:
    last = trial.all_replies[-1]
    if last.status != 200 or f"@{who}@{HOSTS[REMOTE[who].letter]}" not in last.text:
        yield f"the page ({last.status}) does not show {who}"


@says("no Location or href with javascript:")
def no_script_links(trial: Trial) -> Iterator[str]:
    for reply in trial.all_replies:
        links = [*re.findall(r'href\s*=\s*["\']?([^"\'\s>]+)', reply.text)]
        for link in (*links, reply.header("location")):
            if link.strip().lower().startswith("javascript:"):
                yield f"it leads to {link}"
