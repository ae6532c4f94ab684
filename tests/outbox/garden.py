"""A community of ours with members on other hosts, for the tests of delivery."""

from fedcop.outbox.models import Delivery


async def garden(here, *hosts, software="lemmy"):
    ada = await here.person("ada")
    home = await here.community("garden", ada)
    for host in hosts:
        here.net.software[host] = software
        await here.member(home, await here.remote(host, "eve", software))
    return ada, home


async def waiting(here):
    return len(await here.rows(Delivery))
