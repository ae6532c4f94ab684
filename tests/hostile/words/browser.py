"""Sentences about sessions, headers and what a browser does with a page."""

import re
from collections.abc import Iterator
from contextlib import closing
from sqlite3 import connect
from urllib.parse import urlencode

from tests.hostile.paths import FORM, NotApplicable
from tests.hostile.people import EMAIL, KIND, PASSWORD, base
from tests.hostile.trial import Trial
from tests.hostile.wire import AS_A_BROWSER, Reply, exchange, head, usual
from tests.hostile.words.table import Laying, lays, says
from tests.hostile.world import local

_SESSION = re.compile(r"__Host-fedcop=([^;]+)")
_MANY = 27


async def _sign_in(trial: Trial, name: str, password: str, client: str, cookie: str = "") -> Reply:
    form = urlencode({"name": name, "password": password}).encode()
    headers = [*AS_A_BROWSER, ("Content-Type", FORM), ("Origin", base("L"))]
    if cookie:
        headers.append(("Cookie", f"__Host-fedcop={cookie}"))
    given = usual(trial.stage.door, client, headers, form)
    return await exchange(trial.stage.door, head("POST", "/sign-in", given) + form)


def _session(reply: Reply) -> str:
    found = [_SESSION.search(value) for name, value in reply.headers if name == "set-cookie"]
    return next((match[1] for match in found if match), "")


async def _is_in(trial: Trial, session: str) -> bool:
    reply = await trial.stage.get("/settings", cookie=f"__Host-fedcop={session}")
    return reply.status == 200


@says("Vary: Accept", "right type each time")
async def negotiated(trial: Trial) -> list[str]:
    """Under one address people get pages, or the way to one, and programs the document."""
    target = trial.stage.world.uris["public"].removeprefix(base("L"))
    wrong: list[str] = []
    for accept, statuses, kind in (
        ("text/html", {200, 302, 303}, "text/html"),
        (KIND, {200}, KIND),
    ):
        reply = await trial.stage.get(target, accept)
        if reply.status not in statuses:
            wrong.append(f"{accept}: {reply.status}")
        if "accept" not in reply.header("vary").lower():
            wrong.append(f"{accept}: Vary: {reply.header('vary')!r}")
        if reply.status == 200 and not reply.header("content-type").startswith(kind):
            wrong.append(f"{accept}: {reply.header('content-type')}")
    return wrong


@says("no e-mail, IP or hidden name")
def nothing_personal(trial: Trial) -> Iterator[str]:
    for reply in trial.all_replies:
        if EMAIL in reply.text or re.search(r"\b198\.18\.\d+\.\d+\b", reply.text):
            yield f"it has {EMAIL} or an address"


@says("no Access-Control-Allow-Origin reflecting evil with credentials")
def no_cors(trial: Trial) -> Iterator[str]:
    for reply in trial.all_replies:
        allowed = reply.header("access-control-allow-origin")
        if allowed and reply.header("access-control-allow-credentials"):
            yield f"{allowed} may read it"


@lays(r"Insert <script> into the database directly", recipe=True)
async def script_in_database(laying: Laying) -> None:
    with closing(connect(laying.stage.file, timeout=10)) as db, db:
        db.execute("UPDATE posts SET html = '<script>document.title = 1</script>' || html")


@says(r"script does not run(?: \(.*\))?")
def script_is_stopped(trial: Trial) -> Iterator[str]:
    """The policy of the page lets only scripts of our own files run."""
    for reply in trial.all_replies:
        rules = [it.split() for it in reply.header("content-security-policy").split(";")]
        policy = {words[0]: words[1:] for words in rules if words}
        allowed = policy.get("script-src", policy.get("default-src"))
        if allowed is None or {"'unsafe-inline'", "*", "data:"} & set(allowed):
            yield f"the policy is {reply.header('content-security-policy')!r}"


@says("one log line, escaped")
def log_is_whole(trial: Trial) -> Iterator[str]:
    """What a header says neither begins a line nor moves a cursor."""
    log = trial.stage.log()
    if re.search(r"[\x00-\x08\x0b-\x1f]", log):
        yield "the log has a control character"
    for line in log.splitlines():
        if "[2J" in line and not line.startswith("{"):
            yield f"a line of its own: {line[:80]}"


@says("0 matches for known plain values")
def nothing_in_clear(trial: Trial) -> Iterator[str]:
    """No session, no password and no private key can be read from the database."""
    plain = [*trial.stage.world.sessions.values(), PASSWORD, "PRIVATE KEY"]
    stored = trial.stage.file.read_bytes()
    for value in plain:
        if value.encode() in stored:
            yield f"{value[:12]}… is there"


@says("private column/rows never matched")
def no_private_rows(trial: Trial) -> Iterator[str]:
    for reply in trial.all_replies:
        if "PRIV" in reply.text:
            yield "something private was found"


@says("new session id after sign-in(?:,.*)?")
async def new_session(trial: Trial) -> list[str]:
    """Also for who was signed in before: that session ends."""
    first = _session(trial.all_replies[-1])
    if not first or "attacker" in first:
        return [f"the session is {first!r}"]
    again = await _sign_in(trial, EMAIL, PASSWORD, trial.stage.client(), first)
    second = _session(again)
    wrong = [] if second not in {"", first} else ["it is the same the second time"]
    return wrong + (["the former session goes on"] if await _is_in(trial, first) else [])


@says("after sign-out the old cookie gives 401/redirect")
async def signed_out(trial: Trial) -> list[str]:
    session = _session(trial.all_replies[-1])
    wrong = [] if await _is_in(trial, session) else ["who signed in is not in"]
    headers = [*AS_A_BROWSER, ("Content-Type", FORM), ("Origin", base("L"))]
    headers.append(("Cookie", f"__Host-fedcop={session}"))
    given = usual(trial.stage.door, trial.stage.client(), headers, b"")
    await exchange(trial.stage.door, head("POST", "/sign-out", given))
    return wrong + (["the old session goes on"] if await _is_in(trial, session) else [])


@says("Location is same-origin path only")
def leads_nowhere_else(trial: Trial) -> Iterator[str]:
    for reply in trial.all_replies:
        place = reply.header("location").removeprefix(local(""))
        if place and not re.fullmatch(r"/(?![/\\]).*", place):
            yield f"it leads to {place}"


@says(r"429 after 25 in 5 min")
async def spraying_is_stopped(trial: Trial) -> list[str]:
    client = trial.stage.client()
    answers = [
        (await _sign_in(trial, f"nobody{n}@example.org", "Winter2026!", client)).status
        for n in range(_MANY)
    ]
    return [] if answers[-1] == 429 else [f"the last of {_MANY} was answered {answers[-1]}"]


@says(r"<= 25 real checks per hour per account")
async def guessing_is_stopped(trial: Trial) -> list[str]:
    """From many addresses: an account is guessed at so often, whoever guesses."""
    answers = [
        (await _sign_in(trial, EMAIL, f"guess{n}", trial.stage.client())).status
        for n in range(_MANY)
    ]
    return [] if answers[-1] == 429 else [f"the last of {_MANY} was answered {answers[-1]}"]


@says("owner not locked out of an existing session")
async def owner_goes_on(trial: Trial) -> list[str]:
    session = trial.stage.world.sessions["lara"]
    return [] if await _is_in(trial, session) else ["the session of the owner has ended"]


@says(
    "first posts of new members can be held for approval (?:.*)", "moderators see one grouped case"
)
def first_posts(trial: Trial) -> Iterator[str]:
    raise NotApplicable("holding the first posts of new members")
