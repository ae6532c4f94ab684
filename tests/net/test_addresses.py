"""Every special range of IANA's registries is refused, and the public internet is not."""

from ipaddress import IPv4Network, IPv6Address, IPv6Network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedcop.net.addresses import may_connect

SPECIAL = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.9",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.1.1",
    "192.175.48.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2620:4f:8000::1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "2a00:1450::1%eth0",
    "::ffff:8.8.8.8%1",
    "10.255.255.255",
    "100.127.255.255",
    "172.31.255.255",
    "198.19.255.255",
    "239.255.255.255",
]
NO_ADDRESSES = ["", "localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "1.2.3.4.5", "x::1"]
NO_ADDRESSES += ["①②⑦.⓪.⓪.①", "8.8.8.8 ", "[::1]", "8.8.8.8/32"]
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "2a00:1450::1",
    "2001:200::1",
    "2001:db9::1",
    "2003::1",
    "3ffe::1",
]


@pytest.mark.parametrize("address", SPECIAL + NO_ADDRESSES)
def test_special_addresses_are_refused(address: str) -> None:
    assert not may_connect(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address: str) -> None:
    assert may_connect(address)


NETWORKS = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "2620:4f:8000::/48",
    "3fff::/20",
    "::/3",
    "4000::/2",
    "8000::/1",
]


@pytest.mark.parametrize("text", NETWORKS)
def test_both_ends_of_each_special_range_are_refused(text: str) -> None:
    network = IPv6Network(text) if ":" in text else IPv4Network(text)
    assert not may_connect(str(network[0]))
    assert not may_connect(str(network[-1]))


@settings(deadline=None)
@given(st.ip_addresses(v=6))
def test_ipv6_only_inside_2000(address: IPv6Address) -> None:
    if may_connect(str(address)) and address.ipv4_mapped is None:
        assert address in IPv6Network("2000::/3")


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    assert may_connect(text) in {True, False}
