"""What an admin is told of another server: each condition in words, each cause, each step."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from fedcop.activitypub.nodeinfo import Software
from fedcop.cli.partners import English
from fedcop.domain.network.hosts import host_named
from fedcop.domain.network.models import Host
from fedcop.errors import Invalid, Unreachable
from fedcop.ids import new_id
from fedcop.net import probe
from fedcop.net.certificate import Certificate
from fedcop.net.limits import unreachable
from fedcop.net.reasons import NO_ANSWER, reason_of
from fedcop.net.transport import Refused
from fedcop.outbox import peers
from fedcop.outbox.checkup import Line, check_up
from fedcop.outbox.dialects import FORUM, MICROBLOG
from fedcop.outbox.documents import view_for
from fedcop.outbox.in_words import in_words, summary
from fedcop.outbox.partners import Condition, Partner, overview, retry
from fedcop.outbox.partners import partner as partner_named
from fedcop.outbox.peers import Heard, note_down, treat

pytestmark = pytest.mark.anyio
NOW = datetime.now(UTC)
WELL = Partner(
    host="far.example",
    software="lemmy",
    version="1",
    since=NOW,
    communities=1,
    last_delivery=NOW - timedelta(minutes=3),
    waiting=0,
    oldest=None,
    condition=Condition.DELIVERED,
    failing_since=None,
    cause="",
    next_try=None,
    allowed=False,
    decided="",
    treated_as="forum",
    treated_by_hand=False,
)
YESTERDAY, HOUR = NOW - timedelta(days=1, minutes=1), NOW + timedelta(hours=1, minutes=1)


class Still(English):
    """English at one moment, however long the tests take."""

    def ago(self, at: datetime, /) -> str:
        seconds = int((NOW - at).total_seconds())
        unit, length = next(it for it in UNITS if abs(seconds) >= it[1])
        words = f"{abs(seconds) // length} {unit}"
        return f"{words} ago" if seconds > 0 else f"in {words}"


UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))
EXPIRED = "Its certificate has expired."


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "All delivered; last 3 min ago."),
        ({"condition": Condition.QUIET}, "Nothing had to be brought there yet."),
        ({"condition": Condition.BLOCKED, "cause": "spam"}, "You blocked it: spam"),
        ({"condition": Condition.BLOCKED}, "You blocked it."),
        (
            {"condition": Condition.LEFT_OUT},
            "It is not among the servers that you allow, and you speak with those only.",
        ),
        (
            {"condition": Condition.PARKED, "failing_since": YESTERDAY, "cause": EXPIRED},
            (
                "Parked, because it stopped answering 1 d ago: it gets everything when it is back. "
                "Its certificate has expired. It is tried again at once."
            ),
        ),
        (
            {"condition": Condition.PARKED, "failing_since": YESTERDAY, "next_try": HOUR},
            (
                "Parked, because it stopped answering 1 d ago: it gets everything when it is back. "
                "It is tried again in 1 h."
            ),
        ),
        (
            {
                "condition": Condition.FAILING,
                "failing_since": YESTERDAY,
                "cause": EXPIRED,
                "next_try": HOUR,
                "waiting": 2,
                "oldest": YESTERDAY,
            },
            (
                "It stopped answering 1 d ago. Its certificate has expired. "
                "It is tried again in 1 h. 2 things wait to be brought, the first said 1 d ago."
            ),
        ),
        (
            {"condition": Condition.SLOW, "waiting": 1, "oldest": YESTERDAY},
            "1 thing waits to be brought, said 1 d ago. It is tried again at once.",
        ),
        (
            {"condition": Condition.SENDING, "waiting": 1, "oldest": YESTERDAY},
            "1 thing waits to be brought, said 1 d ago.",
        ),
    ],
)
def test_each_condition_in_words(change: dict[str, object], words: str) -> None:
    assert in_words(replace(WELL, **change), Still()) == words  # pyright: ignore[reportArgumentType]


def test_all_in_one_sentence() -> None:
    found = [
        WELL,
        replace(WELL, condition=Condition.SLOW),
        replace(WELL, condition=Condition.FAILING),
        replace(WELL, condition=Condition.BLOCKED),
    ]
    said = summary(overview(found), Still())
    assert said == (
        "3 partner servers · last delivery 3 min ago · 1 slow · 1 not reached · 1 blocked"
    )
    assert summary(overview([WELL]), Still()) == (
        "1 partner server · all delivered · last delivery 3 min ago"
    )
    assert summary(overview([]), Still()) == "0 partner servers"


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (httpx.ConnectError("certificate verify failed: certificate has expired"), EXPIRED),
        (httpx.ConnectError("Hostname mismatch, certificate"), "for another name."),
        (httpx.ConnectError("CERTIFICATE_VERIFY_FAILED self-signed"), "that we can trust."),
        (httpx.ConnectError("[Errno -2] Name or service not known"), "not known (DNS)."),
        (httpx.ConnectError("Connect call failed ('192.0.2.1', 443)"), "refuses the connection."),
        (httpx.ConnectTimeout("x"), "too long to answer."),
        (TimeoutError(), "too long to answer."),
        (ssl.SSLError("wrong version number"), "No encrypted connection can be made with it."),
        (Refused(111, "10.0.0.1 is not a public address"), "not on the public internet."),
        (httpx.ConnectError("nobody answers"), NO_ANSWER),
    ],
)
def test_causes_in_words(cause: Exception, words: str) -> None:
    error = unreachable("far.example")
    error.__cause__ = cause
    assert reason_of(error).endswith(words)


def test_a_cause_without_a_cause_says_itself() -> None:
    error = unreachable("far.example")
    assert reason_of(error) == str(error)


async def test_only_public_addresses_are_looked_at() -> None:
    assert await probe.addresses("far.localhost", development=True) == ["127.0.0.1"]
    with pytest.raises(Unreachable) as error:
        await probe.public_certificate("127.0.0.1")
    assert reason_of(error.value) == "Its address is not on the public internet."
    with pytest.raises(Unreachable) as error:
        await probe.addresses("no..name")
    assert reason_of(error.value)


async def test_the_certificate_of_the_first_public_address(monkeypatch) -> None:
    async def certificate(name: str, address: str, port: int) -> Certificate:
        return Certificate(NOW, f"{name} {address} {port}")

    monkeypatch.setattr(probe, "addresses", addresses)
    monkeypatch.setattr(probe, "may_connect", lambda address: address == "192.0.2.7")
    monkeypatch.setattr(probe, "certificate", certificate)
    assert (await probe.public_certificate("a.example")).issuer == "a.example 192.0.2.7 443"


async def addresses(*_: object, **__: object) -> list[str]:
    return ["192.0.2.7"]


def steps(lines: list[Line]) -> dict[str, bool]:
    return {line.step: line.ok for line in lines}


async def test_a_check_up_step_by_step(here, net, monkeypatch: pytest.MonkeyPatch) -> None:
    days = 90

    async def certificate(host: str) -> Certificate:
        return Certificate(datetime.now(UTC) + timedelta(days=days, minutes=5), "A CA")

    monkeypatch.setattr(probe, "addresses", addresses)
    monkeypatch.setattr(probe, "public_certificate", certificate)
    net.software["far.example"] = "lemmy"
    lines = await check_up(here.app, "https://FAR.example/")
    assert steps(lines) == {
        "DNS": True,
        "Certificate": True,
        "Answer and clock": True,
        "Software": True,
        "Signed fetch": True,
    }
    assert "Nobody there is known" in lines[-1].words
    await here.remote("far.example", "eve", "lemmy")
    assert not steps(await check_up(here.app, "far.example"))["Signed fetch"], "she is gone"
    said = " ".join(line.words for line in lines)
    assert "Good for 90 days, from A CA." in said
    assert "lemmy 1: told as forum software, as suits it." in said
    days = 3
    short = await check_up(here.app, "far.example")
    assert steps(short) == {"DNS": True, "Certificate": False}
    assert short[-1].advice
    days = 90
    await here.act(lambda uow: treat(uow.session, host_named(uow, "far.example"), MICROBLOG))
    by_hand = await check_up(here.app, "far.example")
    assert "micro-blog software; an admin said so" in by_hand[3].words
    net.software.clear()
    assert not steps(await check_up(here.app, "far.example"))["Software"]
    net.silent.add("far.example")
    assert not steps(await check_up(here.app, "far.example"))["Answer and clock"]
    for wrong in ("", "nonsense", "192.0.2.7"):
        with pytest.raises(Invalid):
            await check_up(here.app, wrong)


async def test_a_hand_decides_what_a_host_is_told(here) -> None:
    row_id = new_id()

    async def told(change) -> tuple[str | None, str | None]:
        def act(uow) -> None:
            change(uow.session, uow.session.get_one(Host, row_id))

        await here.act(act)
        host = await here.read(lambda session: session.get_one(Host, row_id))
        return host.dialect, host.view

    def heard(session, host) -> None:
        note_down(session, {row_id: Heard(Software("mastodon", "4"), reachable=True)}, NOW)

    await here.act(lambda uow: uow.add(Host(id=row_id, name="far.example", software="lemmy")))
    assert await told(lambda s, host: treat(s, host, FORUM)) == ("forum", "native")
    assert await told(heard) == ("forum", "native"), "what it says it runs changes nothing now"

    def asker(session):
        return view_for(session, "Mastodon/4.2", "far.example").manner

    assert await here.read(asker) == FORUM, "an admin stands above the asker's own word"
    assert await told(lambda s, host: treat(s, host, None)) == ("microblog", "note")
    assert await here.read(asker) == MICROBLOG

    def nameless(session, host) -> None:
        host.software = None
        treat(session, host, None)

    assert await told(nameless) == ("microblog", "native")
    assert await here.act(lambda uow: retry(uow.session, "FAR.example"))
    assert not await here.act(lambda uow: retry(uow.session, "nobody.example"))
    assert await here.read(lambda s: partner_named(s, "nobody.example", NOW, "x")) is None
    assert await here.read(peers.strangers) == {}
