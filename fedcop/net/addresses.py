"""Which addresses we may connect to.

The lists are those of the IANA special-purpose address registries, written out: Python's
`is_global` calls multicast, site-local, and several forms of IPv4 inside IPv6 global.
"""

from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network

_SPECIAL_4 = tuple(
    (int(network.network_address), int(network.netmask))
    for network in map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # carriers' address translation
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link-local, and the metadata services of clouds
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # AMT
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",  # private
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)
_GLOBAL_6 = IPv6Network("2000::/3")
_SPECIAL_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments: Teredo, ORCHID, and others
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4, which carries an IPv4 address
            "2620:4f:8000::/48",  # AS112
            "3fff::/20",  # documentation
        ),
    )
)


class Refused(OSError):
    """The address about to be connected is not on the public internet."""


def may_connect(address: str) -> bool:
    """Whether `address`, in the canonical text of a socket address, is on the public internet.

    IPv6 only inside 2000::/3, less its special ranges; an IPv4-mapped address counts as the IPv4
    address in it; an address with a zone (`%eth0`), and whatever is no address, is refused.
    Source: the IANA registries "IPv4" and "IPv6 Special-Purpose Address".
    """
    try:
        if ":" not in address:
            return _public_4(IPv4Address(address))
        long = IPv6Address(address)
    except AddressValueError:
        return False
    if long.scope_id is not None:
        return False
    if long.ipv4_mapped is not None:
        return _public_4(long.ipv4_mapped)
    return long in _GLOBAL_6 and not any(long in network for network in _SPECIAL_6)


def _public_4(address: IPv4Address) -> bool:
    number = int(address)
    return not any(number & mask == network for network, mask in _SPECIAL_4)
