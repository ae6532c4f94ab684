"""The vocabulary: every sentence, setup and behaviour in words that the harness understands.

Each module has a part of one table: a pattern, and the function that checks or lays what it says.
What matches no pattern is not evaluated, and counted so.
"""

from tests.hostile.words import (
    actors,
    browser,
    content,
    floods,
    markup,
    memberships,
    network,
    peers,
    posts,
    relays,
    resources,
    setups,
    storage,
)
from tests.hostile.words.table import SENTENCES, SETUPS, Laying, allowed, check, laying

__all__ = [
    "SENTENCES",
    "SETUPS",
    "Laying",
    "actors",
    "allowed",
    "browser",
    "check",
    "content",
    "floods",
    "laying",
    "markup",
    "memberships",
    "network",
    "peers",
    "posts",
    "relays",
    "resources",
    "setups",
    "storage",
]
