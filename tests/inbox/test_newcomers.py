"""How many strangers of one domain are met: counted once each, only when they have proved it."""

import pytest

from fedcop.errors import TooMany
from fedcop.inbox.newcomers import Newcomers, registrable

pytestmark = pytest.mark.anyio


@pytest.fixture
async def home(fediverse):
    return (await fediverse("home.test"))[0]


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("example.org", "example.org"),
        ("a.b.example.org", "example.org"),
        ("a1.evil.test:8443", "evil.test"),
        ("a.example.co.uk", "example.co.uk"),
        ("example.co.uk", "example.co.uk"),
        ("x.y.de", "y.de"),
    ],
)
def test_a_domain_is_what_somebody_registered(host, domain):
    assert registrable(host) == domain


async def test_so_many_hosts_of_a_domain_and_no_more(home):
    newcomers = Newcomers(home.house.app, hosts=2)
    for host in ("a.evil.test", "b.evil.test"):
        for _ in range(3):  # the same again is nobody new
            await newcomers.admit(f"https://{host}/u/x")
    with pytest.raises(TooMany) as refused:
        await newcomers.admit("https://c.evil.test/u/x")
    assert refused.value.after == 3_600
    with pytest.raises(TooMany):
        await newcomers.check("https://d.evil.test/u/x#main-key")
    await newcomers.admit("https://good.test/u/x")
    await newcomers.check("https://good.test/u/y#main-key")


async def test_so_many_actors_of_a_domain_and_whoever_is_known(home):
    place = await home.community("chairs", await home.person("ada"))
    newcomers = Newcomers(home.house.app, actors=2)
    for number in range(2):
        await newcomers.admit(f"https://evil.test/u/{number}")
    with pytest.raises(TooMany):
        await newcomers.admit("https://evil.test/u/3")
    with pytest.raises(TooMany):
        await newcomers.check("https://evil.test/u/3#main-key")
    known = Newcomers(home.house.app, actors=0)
    await known.admit(place.uri)
    await known.check(f"{place.uri}#main-key")
