"""Flag: somebody elsewhere reports posts or a person; its Undo."""

from collections.abc import Iterator
from itertools import islice

from fedcop.activitypub.vocab.activities import Activity, Flag
from fedcop.domain.communities.models import Community
from fedcop.domain.communities.queries import has_steward_here
from fedcop.domain.moderation.report import LONGEST_WORDS, report, said_by, withdraw
from fedcop.domain.network.tombstones import bury, is_buried
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from fedcop.inbox.inbound import Inbound, Means, Proof
from fedcop.inbox.needs import MOST_LOOKED_UP
from fedcop.text.plain import words
from fedcop.work.unit_of_work import UnitOfWork

_MOST = 20  # posts of one report


def flag(uow: UnitOfWork, inbound: Inbound[Flag], means: Means) -> bool:
    """A report for each post that is somebody's here to judge, else one about the person.

    Mastodon and GoToSocial name the person and their posts, and send it in the name of their
    server, with the words in `content`; Lemmy names one thing and says why in `summary`. A
    community elsewhere announces what its members reported to the servers of its stewards: then
    nobody has proved who did. About nothing that is here it does nothing.
    """
    activity = inbound.activity
    if is_buried(uow, activity.id or "", activity.actor):
        return False
    reporter = None if inbound.proof is Proof.RELAYED else inbound.speaker
    said = words(activity.content or activity.summary or "")[:LONGEST_WORDS]
    posts = list(islice(_posts(uow, inbound), _MOST))
    for post, community in posts:
        author = uow.get(Actor, post.author_id)
        if reporter is None or reporter.id != author.id:
            report(
                uow,
                reporter,
                target=author,
                post=post,
                community=community,
                words=said,
                uri=activity.id,
            )
    if posts or reporter is None or inbound.via is not None:
        return bool(posts)
    people = [one for one in _actors(uow, activity) if one.is_local and one.id != reporter.id]
    for person in people[:1]:
        report(uow, reporter, target=person, words=said, uri=activity.id)
    return bool(people)


def undo(uow: UnitOfWork, inbound: Inbound[Activity], undone: Activity, means: Means) -> bool:
    """Whoever reported takes it back; one that arrives only after its Undo stays away."""
    if not undone.id:
        return False
    bury(uow, undone.id, inbound.withdrawer.uri)
    for row in said_by(uow.session, undone.id):
        withdraw(uow, row, inbound.withdrawer)
    return True


def _posts(uow: UnitOfWork, inbound: Inbound[Flag]) -> Iterator[tuple[Post, Community | None]]:
    """The posts that are named, with the community whose stewards decide; None: our admins."""
    for uri in _uris(inbound.activity):
        post = uow.find(Post, uri)
        if post is None or not post.is_visible:
            continue
        community = uow.get(Community, post.community_id)
        if inbound.via is not None and inbound.via.id != post.community_id:
            continue
        if community.local or has_steward_here(uow.session, community.actor_id):
            yield post, community
        elif post.local:
            yield post, None


def _actors(uow: UnitOfWork, activity: Activity) -> Iterator[Actor]:
    found = (uow.find(Actor, uri) for uri in _uris(activity))
    return (one for one in found if one is not None and one.type != "Application")


def _uris(activity: Activity) -> list[str]:
    looked_up = activity.objects[:MOST_LOOKED_UP]
    things = (one if isinstance(one, str) else one.id or "" for one in looked_up)
    return list(dict.fromkeys(filter(None, things)))
