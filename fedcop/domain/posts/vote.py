"""Helpful, not helpful, or neither: one vote of an actor on a post."""

from fedcop.domain.communities.banned import check_not_banned
from fedcop.domain.communities.models import Community
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.facts import PostVoted
from fedcop.domain.posts.models import Post, ReportedVote, Vote
from fedcop.domain.posts.policy import check_is_there, check_may_vote
from fedcop.ids import new_id
from fedcop.work.unit_of_work import UnitOfWork


def vote(uow: UnitOfWork, post: Post, actor: Actor, value: int, uri: str | None = None) -> None:
    """Let an actor's vote stand at +1, -1 or 0 (taken back), whatever it was.

    `uri` names the activity of a remote vote; a local one gets its own. An author elsewhere who
    likes their own post (Lemmy does so by itself) is not counted. A vote may be taken back where
    one may not vote any more, too. Raises NotAllowed or Gone.
    """
    uow.hold(post)
    community = uow.get(Community, post.community_id)
    if value:
        check_not_banned(uow, community, actor)
        check_may_vote(uow.session, post, actor, community)
    elif actor.is_local or post.deleted_at is not None:
        check_is_there(post)
    if post.author_id == actor.id:
        return
    key = (post.id, actor.id)
    standing = uow.look_up(Vote, key)
    before = standing.value if standing else 0
    if before == value:
        return
    before_uri = standing.uri if standing else None
    if value and uri is None and actor.is_local:
        uri = uow.uris.activity(new_id())
    _count(post, before, -1)
    _count(post, value, +1)
    if standing is None:
        standing = Vote(post_id=post.id, actor_id=actor.id, value=value, uri=uri)
        uow.add(standing)
        uow.remember(key, standing)
    else:
        standing.value, standing.uri = value, uri
    uow.emit(PostVoted(post.id, actor.id, value, before, uri, before_uri))


def report_vote(uow: UnitOfWork, post: Post, voter: str, value: int) -> None:
    """Count a vote that only a community reports. `voter` is a keyed hash, so it names nobody."""
    key = (post.id, voter)
    standing = uow.look_up(ReportedVote, key)
    before = standing.value if standing else 0
    if before == value:
        return
    post.reported_likes += (value > 0) - (before > 0)
    post.reported_dislikes += (value < 0) - (before < 0)
    if standing is None:
        standing = ReportedVote(post_id=post.id, voter=voter, value=value)
        uow.add(standing)
        uow.remember(key, standing)
    else:
        standing.value = value


def _count(post: Post, value: int, by: int) -> None:
    if value > 0:
        post.likes += by
    elif value < 0:
        post.dislikes += by
