"""In which way each software is spoken to: the one table of dialects and views.

`forum` software takes every activity inside the community's `Announce`; `microblog` software is
told of thread starters by their id. The *native* view of a thread starter is an `Article` with a
title; the *note* view says the same as a `Note` (Mastodon shows an Article as a title and a link).
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Dialect(StrEnum):
    """Which activities a host is told."""

    FORUM = "forum"
    MICROBLOG = "microblog"


class View(StrEnum):
    """How a thread starter looks to a host."""

    NATIVE = "native"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a host is spoken to."""

    dialect: Dialect
    view: View


FORUM = Manner(Dialect.FORUM, View.NATIVE)
BLOG = Manner(Dialect.MICROBLOG, View.NATIVE)
MICROBLOG = Manner(Dialect.MICROBLOG, View.NOTE)

_FORUMS = (
    "lemmy piefed mbin kbin nodebb discourse friendica hubzilla streams forte smithereen lotide "
    "fedcop"
)
_BLOGS = "ghost wordpress writefreely plume mobilizon"
# Names by which micro-blog software asks; of NodeInfo, every name that is in no row is one.
_MICROBLOGS = (
    "akkoma bookwyrm bridgy castopod catodon cherrypick firefish flipboard foundkey funkwhale "
    "glitchsoc gotosocial hollo hometown honk iceshrimp iceshrimp.net loops mastodon microblogpub "
    "misskey mitra owncast peertube pixelfed pleroma sharkey snac takahe threads wafrn yojo-art"
)
_TABLE = {
    **dict.fromkeys(_FORUMS.split(), FORUM),
    **dict.fromkeys(_BLOGS.split(), BLOG),
    **dict.fromkeys(_MICROBLOGS.split(), MICROBLOG),
    "kbinbot": FORUM,
}
_LONGEST = 1_000
# A product stands at the start, or behind `(` or `;`, or is followed by a version.
_PRODUCT = re.compile(r"(?:^|[(;])\s*([A-Za-z][\w.-]*)(?![\w.:-])|(?<![\w.:/-])([A-Za-z][\w.-]*)/")


def of_software(name: str) -> Manner:
    """How a host is spoken to whose NodeInfo says this `software.name`, in whatever case."""
    return _TABLE.get(name.strip().lower(), MICROBLOG)


def fallback(follower_type: str | None) -> Manner:
    """How a host is spoken to that does not say what it runs, by who listens to us there.

    A Group (another forum that subscribes, or a community that we are members of): forum. Anybody
    else: micro-blog. The view is native, as for every asker whom nobody recognises.
    """
    return FORUM if follower_type == "Group" else BLOG


def of_user_agent(text: str) -> Manner | None:
    """How an asker is spoken to, by the products in its `User-Agent`, comments included.

    `http.rb/5.1.1 (Mastodon/4.2.0; +https://…)` and `Pleroma 2.5.0; https://…` are recognised;
    None for browsers and for whatever is in no row of the table. The first that is known counts.
    """
    for match in _PRODUCT.finditer(text[:_LONGEST]):
        manner = _TABLE.get((match[1] or match[2]).lower())
        if manner is not None:
            return manner
    return None
