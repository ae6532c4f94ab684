"""What other servers are told of votes: forum software all, micro-blog software hardly any."""

from fedcop.domain.network.models import Host
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.facts import PostVoted
from fedcop.domain.posts.models import Post
from fedcop.outbox import activities
from fedcop.outbox.dialects import Dialect
from fedcop.outbox.models import Lane
from fedcop.outbox.publish import Voice, bring, known_at, mint, say
from fedcop.outbox.tell_posts import forward, forward_cause
from fedcop.work.unit_of_work import UnitOfWork


class TellVotes:
    """The reaction to a vote."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    def voted(self, uow: UnitOfWork, fact: PostVoted) -> None:
        """A vote was given, changed or taken back.

        It goes to the community, which passes it on to forum software; a `Like`, and the `Undo` of
        one, also goes to an author on a micro-blog server, who would not hear of it otherwise.
        """
        post = uow.get(Post, fact.post_id)
        community = uow.get(Actor, post.community_id)
        voter = uow.get(Actor, fact.actor_id)
        if voter.is_local:
            self._say(uow, fact, post, community, voter)
            return
        if community.is_local:
            forward_cause(uow, community, Lane.VOTES)
        if post.local:
            known_at(uow, post, [voter])

    def _say(
        self, uow: UnitOfWork, fact: PostVoted, post: Post, community: Actor, voter: Actor
    ) -> None:
        before = None
        if fact.before and fact.before_uri:
            before = activities.vote(
                fact.before_uri, voter, post.uri, fact.before, community, context=False
            )
        if fact.value:
            uri = fact.uri or mint(uow)
            document = activities.vote(uri, voter, post.uri, fact.value, community)
        elif before is not None:
            document = activities.undo(mint(uow), before, to=[community.uri], cc=[])
        else:
            return
        said = self._voice.say(uow, voter, document)
        if community.is_local:
            forward(uow, community, said, Lane.VOTES)
        else:
            bring(uow, said, [community], Lane.VOTES)
        author = uow.get(Actor, post.author_id)
        if not _hears_directly(uow, author, community):
            return
        if fact.value > 0 or (fact.value == 0 and fact.before > 0):
            bring(uow, said, [author], Lane.VOTES)
        elif before is not None and fact.before > 0:
            # to them a Dislike is nothing, so the Like before it has to go by itself
            undone = activities.undo(mint(uow), before, to=[author.uri], cc=[])
            bring(uow, say(uow, undone), [author], Lane.VOTES)


def _hears_directly(uow: UnitOfWork, author: Actor, community: Actor) -> bool:
    """Whether an author's server is micro-blog software, and not where the community is."""
    if author.host_id is None or author.delivery_inbox_id == community.delivery_inbox_id:
        return False
    return uow.get(Host, author.host_id).dialect != Dialect.FORUM
