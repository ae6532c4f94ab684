"""What other servers are told of bans and reports.

| | forum software | micro-blog software |
|---|---|---|
| a ban in a community of ours | `Announce{Block}` | `Reject` of their Follow |
| a ban by a steward of ours elsewhere | `Block` to that community | nothing |
| a report of a post elsewhere | `Flag` to its community and its author | nothing |
| a report in a community of ours | `Announce{Flag}` to stewards elsewhere | nothing |
| also to the author's own server, if wished | `Flag` in this server's name | the same |
| a report that is taken back | `Undo{Flag}`, to whoever got the `Flag` | the same |

No `Block` ever goes to micro-blog software: Mastodon reads it as personal.
"""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import orjson

from fedcop.domain.communities.facts import BanLifted, JoinRefused, MemberBanned
from fedcop.domain.communities.models import Ban
from fedcop.domain.communities.queries import stewards
from fedcop.domain.moderation.facts import Reported, ReportWithdrawn
from fedcop.domain.moderation.models import Report, ReportState
from fedcop.domain.network.models import Activity, Host
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from fedcop.outbox import activities
from fedcop.outbox.dialects import Dialect
from fedcop.outbox.publish import Voice, bring, mint, say, tell
from fedcop.uris import PUBLIC
from fedcop.work.unit_of_work import UnitOfWork


class TellModeration:
    """The reactions to bans and reports."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    def banned(self, uow: UnitOfWork, fact: MemberBanned) -> None:
        """Somebody may not take part in a community."""
        ban = uow.get(Ban, fact.ban_id)
        community, person, by = _people(uow, fact)
        document = activities.block(
            ban.uri or mint(uow),
            by,
            person,
            community,
            reason=ban.reason,
            until=ban.until,
            with_posts=fact.with_posts,
        )
        self._tell(uow, document, community, person, by)
        if community.is_local and not person.is_local and fact.follow_uri is not None:
            _reject(uow, community, person, fact.follow_uri)

    def lifted(self, uow: UnitOfWork, fact: BanLifted) -> None:
        """Somebody may take part again. Who lifts it says so about a `Block` of their own."""
        ban = uow.get(Ban, fact.ban_id)
        community, person, by = _people(uow, fact)
        own = ban.uri if ban.uri and ban.by_id == by.id else mint(uow)
        block = activities.block(
            own, by, person, community, reason=ban.reason, until=ban.until, context=False
        )
        undo = activities.undo(mint(uow), block, to=[PUBLIC], cc=[community.uri])
        self._tell(uow, {**undo, "target": community.uri}, community, person, by)

    def reported(self, uow: UnitOfWork, fact: Reported) -> None:
        """Somebody asks stewards to look at something; only they hear of it."""
        report = uow.get(Report, fact.report_id)
        reporter = uow.get(Actor, report.reporter_id) if report.reporter_id else None
        target = uow.get(Actor, report.target_id)
        heard: set[int | None] = set()
        if report.community_id is not None and report.post_id is not None:
            community, post = uow.get(Actor, report.community_id), uow.get(Post, report.post_id)
            if community.is_local:
                self._ask_stewards(uow, report, reporter, community, post)
            elif reporter is not None and reporter.is_local:
                said = self._say(uow, report, reporter, community, post)
                told = [community, *_forums(uow, [target])]
                bring(uow, said, told)
                heard = {one.host_id for one in told}
        if fact.tell_home and target.host_id not in heard and not target.is_local:
            bring(uow, say(uow, _flag_of_server(uow, report, target)), [target])

    def withdrawn(self, uow: UnitOfWork, fact: ReportWithdrawn) -> None:
        """Whoever reported has taken it back: those who heard of it hear that, too."""
        report = uow.get(Report, fact.report_id)
        reporter = uow.get(Actor, report.reporter_id) if report.reporter_id else None
        target = uow.get(Actor, report.target_id)
        if report.community_id is not None and report.post_id is not None and report.uri:
            community, post = uow.get(Actor, report.community_id), uow.get(Post, report.post_id)
            if community.is_local:
                self._ask_stewards(uow, report, reporter, community, post)
            elif reporter is not None and reporter.is_local:
                said = self._say(uow, report, reporter, community, post)
                bring(uow, said, [community, *_forums(uow, [target])])
        flag = _flag_of_server(uow, report, target)
        if uow.find(Activity, flag["id"]) is not None:
            undo = activities.undo(mint(uow), flag, to=flag["to"], cc=[])
            bring(uow, say(uow, undo), [target])

    def _tell(
        self,
        uow: UnitOfWork,
        document: dict[str, Any],
        community: Actor,
        person: Actor,
        by: Actor,
    ) -> None:
        """Our steward's word goes to the community; a community of ours passes it on."""
        if not community.is_local:
            if by.is_local:
                bring(uow, self._voice.say(uow, by, document), [community])
            return
        if by.is_local:
            said = self._voice.say(uow, by, document)
            announced = _announce(uow, community, said.uri, said.body)
        elif uow.cause is not None:
            announced = _announce(uow, community, _id_of(uow.cause), uow.cause)
        else:
            return
        tell(uow, announced, community_id=community.id, dialect=Dialect.FORUM)
        bring(uow, announced, _forums(uow, [person]))

    def _ask_stewards(
        self, uow: UnitOfWork, report: Report, reporter: Actor | None, community: Actor, post: Post
    ) -> None:
        """The stewards of a community of ours who are at home elsewhere hear of it there.

        Of the report, or that it is taken back: whichever its state says.
        """
        others = [s for s in stewards(uow.session, community.id) if s.id != report.target_id]
        afar = _forums(uow, others)
        if not afar:
            return
        if reporter is not None and reporter.is_local:
            said = self._say(uow, report, reporter, community, post)
            uri, inner = said.uri, said.body
        elif uow.cause is not None:
            uri, inner = _id_of(uow.cause), uow.cause
        else:
            return
        key = (uri, community.id)
        if uow.recall(Activity, key) is None:  # one Flag may name several posts
            announced = _announce(uow, community, uri, inner, [one.uri for one in afar])
            uow.remember(key, announced)
            bring(uow, announced, afar)

    def _say(
        self, uow: UnitOfWork, report: Report, reporter: Actor, community: Actor, post: Post
    ) -> Activity:
        """The `Flag` of somebody here, or its `Undo` if they have taken it back."""
        flag = activities.flag(report.uri or mint(uow), reporter, post.uri, community, report.words)
        if report.state == ReportState.WITHDRAWN:
            return self._voice.say(
                uow, reporter, activities.undo(mint(uow), flag, to=[community.uri], cc=[])
            )
        return self._voice.say(uow, reporter, flag)


def join_refused(uow: UnitOfWork, fact: JoinRefused) -> None:
    """Somebody who is banned would join: their server hears that it is no use to wait."""
    community, person = uow.get(Actor, fact.community_id), uow.get(Actor, fact.actor_id)
    _reject(uow, community, person, fact.follow_uri)


def _reject(uow: UnitOfWork, community: Actor, person: Actor, follow_uri: str) -> None:
    """In the lane of the `Block`, and behind it: who hears this first listens no more."""
    document = activities.accept(mint(uow), community, person, follow_uri) | {"type": "Reject"}
    bring(uow, say(uow, document), [person])


def _flag_of_server(uow: UnitOfWork, report: Report, target: Actor) -> dict[str, Any]:
    """What the server of who is reported hears, in the name of this server.

    Its id has the number of the report, so that it is found again when that is taken back, and
    nobody can tell from it who reported.
    """
    things = [target.uri]
    if report.post_id is not None:
        things.append(uow.get(Post, report.post_id).uri)
    uri = uow.uris.activity(report.id)
    return activities.flag_of_server(uri, uow.uris.site, things, target.uri, report.words)


def _people(uow: UnitOfWork, fact: MemberBanned | BanLifted) -> tuple[Actor, Actor, Actor]:
    """The community, who is banned, and who says so: where nobody does, the community itself."""
    community = uow.get(Actor, fact.community_id)
    by = uow.get(Actor, fact.by_id) if fact.by_id is not None else community
    return community, uow.get(Actor, fact.actor_id), by


def _forums(uow: UnitOfWork, actors: Iterable[Actor]) -> list[Actor]:
    """Those of them whose servers are known to run forum software."""
    return [
        actor
        for actor in actors
        if actor.host_id is not None and uow.get(Host, actor.host_id).dialect == Dialect.FORUM
    ]


def _announce(
    uow: UnitOfWork, community: Actor, uri: str, inner: bytes, to: Sequence[str] = ()
) -> Activity:
    """For a community's audience, or, with `to`, for these alone.

    It is addressed to the public in any case, because Lemmy takes no other `Announce`: who hears
    it is decided by where it is brought.
    """
    document = activities.announce(mint(uow), community, uri, at=uow.now)
    if to:
        document |= {"cc": list(to)}
    return say(uow, document, inner=inner)


def _id_of(cause: bytes) -> str:
    return cast("dict[str, Any]", orjson.loads(cause))["id"]
