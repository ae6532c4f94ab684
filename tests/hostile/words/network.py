"""Sentences about what the server asked of others: fetches, connections, signatures."""

import asyncio
import re
from collections.abc import Iterator
from urllib.parse import quote, unquote, urlsplit

from tests.hostile.hosts import Asked
from tests.hostile.people import HOSTS
from tests.hostile.trial import Trial
from tests.hostile.words.table import says

_AUTHORITY = re.compile(r"(https?://)([^/]*?)(?::\d+)?(/|$)")
_CLOSED = 60_007
_HINTS = ("refused", "timed out", "timeout", "reset", "unreachable network")


@says(
    "no TCP connect to a non-public address",
    "no TCP connect to that address",
    "no connect",
    r"no connect at all \(any bad record refuses the name\) or only to the public one",
    "the address that was checked is the address connected to",
)
def no_connect(trial: Trial) -> Iterator[str]:
    """Nothing was connected to but hosts of the laboratory and addresses that names led to."""
    for entry in trial.ledger:
        if entry["kind"] == "connect" and not entry["ours"] and _is_private(entry["address"]):
            yield f"connected to {entry['address']}:{entry['port']}"


def _is_private(address: str) -> bool:
    """A rough list of its own, apart from the product's."""
    return address.startswith(
        ("127.", "10.", "192.168.", "169.254.", "172.", "100.64.", "0.", "::", "fe80", "fd")
    )


@says(
    "no outbound fetch",
    "no fetch",
    "zero connects",
    "zero fetches of contexts",
    "no fetches of recipients",
)
def no_fetch(trial: Trial) -> Iterator[str]:
    """No document was asked for. What is brought to members is no fetch."""
    signers = trial.signers
    for one in trial.fetches:
        if one.url not in signers and "nodeinfo" not in one.url:
            yield f"asked for {one.url}"
    yield from no_connect(trial)


@says("no fetch to self")
def not_itself(trial: Trial) -> Iterator[str]:
    for entry in trial.ledger:
        if entry["kind"] == "look-up" and entry["name"] == HOSTS["L"]:
            yield "looked its own name up"


@says("refused unless the port is configured")
def no_odd_port(trial: Trial) -> Iterator[str]:
    for entry in trial.ledger:
        if entry["kind"] == "look-up" and entry["port"] not in {443, 80}:
            yield f"looked up {entry['name']} for port {entry['port']}"


@says("no credentials sent")
def no_credentials(trial: Trial) -> Iterator[str]:
    for one in trial.asked:
        if "authorization" in one.headers or "@" in urlsplit(one.url).netloc:
            yield f"credentials went to {one.url}"


@says("<= (\\d+) fetches", "<= (\\d+) outbound fetches to V in the minute")
def few_fetches(trial: Trial, most: str) -> Iterator[str]:
    if len(trial.fetches) > int(most):
        yield f"{len(trial.fetches)} fetches"


@says("negative cache used")
def each_asked_once(trial: Trial) -> Iterator[str]:
    urls = [one.url for one in trial.fetches]
    for url in sorted(set(urls)):
        if urls.count(url) > 1:
            yield f"{url} was asked for {urls.count(url)} times"


@says(r"one shared budget of <= (\d+) fetches for the whole chain")
def one_budget(trial: Trial, most: str) -> Iterator[str]:
    return few_fetches(trial, most)


@says("stops", "terminates")
def comes_to_rest(trial: Trial) -> Iterator[str]:
    if not trial.rested:
        yield "the server never came to rest"


@says("no POST to V on mallory's behalf")
def no_flood(trial: Trial) -> Iterator[str]:
    for one in trial.deliveries:
        if one.host == HOSTS["V"]:
            yield f"delivered to {one.url}"


@says("Signature header not forwarded to another host; re-signed for the new target or refused")
def signed_anew(trial: Trial) -> Iterator[str]:
    """No signature stands twice, and none was made for another host."""
    seen: dict[str, str] = {}
    for one in trial.fetches:
        signature = one.headers.get("signature", "")
        if signature and seen.setdefault(signature, one.host) != one.host:
            yield f"the signature for {seen[signature]} went to {one.host}"


@says(
    "the only request ever made for a handle is GET https://<host>/.well-known/webfinger "
    "on port 443 of a public address"
)
def only_webfinger(trial: Trial) -> Iterator[str]:
    for one in trial.asked:
        if urlsplit(one.url).path != "/.well-known/webfinger":
            yield f"asked for {one.url}"
    yield from no_odd_port(trial)
    yield from no_connect(trial)


@says("no fetch of blocked", "no post, no fetch of blocked", "no fetch or proxy of blocked media")
def nothing_of_blocked(trial: Trial) -> Iterator[str]:
    for one in trial.asked:
        if one.host.endswith(HOSTS["B"]):
            yield f"{one.method} {one.url}"
    for row in trial.new("posts"):
        if row["uri"].startswith(f"https://{HOSTS['B']}"):
            yield f"there is {row['uri']}"


@says("error text does not reveal whether the port was open")
async def same_words(trial: Trial) -> list[str]:
    """The same address with an open and with a closed port is answered in the same words."""
    target = trial.sent[0][0].wire.split(b" ", 2)[1].decode()
    asked = unquote(target.partition("q=")[2])
    texts: list[str] = []
    for port in (trial.stage.port, _CLOSED):
        with_port = _AUTHORITY.sub(rf"\g<1>\g<2>:{port}\g<3>", asked, count=1)
        reply = await trial.stage.get(
            f"/search?q={quote(with_port)}", cookie=cookie_of(trial, "nils")
        )
        texts.append(_plain(reply.text, port))
    wrong = [] if texts[0] == texts[1] else ["open and closed ports are told apart"]
    said = " ".join(trial.all_replies[-1].text.lower().split())
    return wrong + [f"the page says {hint!r}" for hint in _HINTS if hint in said]


def cookie_of(trial: Trial, name: str) -> str:
    return f"__Host-fedcop={trial.stage.world.sessions[name]}"


def _plain(text: str, port: int) -> str:
    return re.sub(rf"(?::|%3A){port}(?!\d)", "", text)


@says(r"answer within (\d+) s")
def answered_soon(trial: Trial, most: str) -> Iterator[str]:
    for reply in trial.all_replies:
        if reply.seconds > int(most):
            yield f"it took {reply.seconds:.1f} s"


@says("aborted")
def aborted(trial: Trial) -> Iterator[str]:
    yield from answered_soon(trial, "15")
    yield from comes_to_rest(trial)


@says(r"closed <= (\d+) s")
def closed_soon(trial: Trial, most: str) -> Iterator[str]:
    late = [reply for reply in trial.all_replies if reply.seconds > int(most) or reply.status < 0]
    if late:
        longest = max(reply.seconds for reply in late)
        yield f"{len(late)} connections stayed open, up to {longest:.0f} s"


def requests_to(trial: Trial, host: str) -> list[Asked]:
    """What reached one host."""
    return [one for one in trial.asked if one.host == host]


async def settle(trial: Trial) -> None:
    """Let the server come to rest once more."""
    await asyncio.wait_for(trial.stage.rest(), 60)
