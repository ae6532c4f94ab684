"""Start a discussion, or reply: the same for a member here and an actor elsewhere."""

from datetime import UTC, datetime, timedelta

from fedcop.domain.communities.banned import check_not_banned
from fedcop.domain.communities.counts import count_thread
from fedcop.domain.communities.models import Community
from fedcop.domain.communities.policy import check_may_start
from fedcop.domain.network.tombstones import is_buried
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import handle
from fedcop.domain.posts.facts import PostPublished
from fedcop.domain.posts.models import Attachment, Kind, Mention, Post
from fedcop.domain.posts.policy import check_may_answer
from fedcop.domain.posts.tags import put_tags, said_by_author
from fedcop.domain.posts.words import Origin, Words
from fedcop.errors import Gone
from fedcop.ids import new_id
from fedcop.uris import slug
from fedcop.work.unit_of_work import UnitOfWork

_A_WHILE = timedelta(minutes=10)
"""A unit that takes this long has failed: so its `now` was set back on purpose."""


def start(
    uow: UnitOfWork,
    author: Actor,
    community: Community,
    words: Words,
    origin: Origin | None = None,
) -> Post:
    """A thread starter. One that is known already is answered as it stands.

    Raises NotAllowed, or Gone if its author took it back before it came.
    """
    standing = _standing(uow, author, origin)
    if standing is not None:
        return standing
    check_not_banned(uow, community, author)
    if community.local:
        check_may_start(uow.session, community, author.id, here=author.is_local)
    row_id, published = _minted(uow, origin)
    place = uow.get(Actor, community.actor_id)
    post = Post(
        id=row_id,
        uri=origin.uri if origin else uow.uris.post(row_id),
        type=origin.type if origin else "Article",
        kind=Kind.DISCUSSION,
        local=origin is None,
        author_id=author.id,
        community_id=community.actor_id,
        root_id=row_id,
        published_at=published,
        active_at=published,
    )
    if origin is None:
        name = place.name if place.is_local else handle(place, uow.uris.host)
        post.url = uow.uris.thread_page(name, row_id, slug(words.title))
    count_thread(uow, community)
    return _publish(uow, post, community, words, origin)


def reply(
    uow: UnitOfWork, author: Actor, parent: Post, words: Words, origin: Origin | None = None
) -> Post:
    """A reply to a thread starter or to another reply. Raises NotAllowed or Gone."""
    standing = _standing(uow, author, origin)
    if standing is not None:
        return standing
    root = uow.get(Post, parent.root_id)
    uow.hold(parent, root)
    community = uow.get(Community, parent.community_id)
    check_not_banned(uow, community, author)
    check_may_answer(uow.session, author, parent, root, community)
    row_id, published = _minted(uow, origin)
    post = Post(
        id=row_id,
        uri=origin.uri if origin else uow.uris.comment(row_id),
        type=origin.type if origin else "Note",
        kind=Kind.REPLY,
        local=origin is None,
        author_id=author.id,
        community_id=parent.community_id,
        root_id=root.id,
        parent_id=parent.id,
        published_at=published,
        active_at=published,
    )
    if origin is None:
        place = uow.get(Actor, community.actor_id)
        name = place.name if place.is_local else handle(place, uow.uris.host)
        post.url = uow.uris.reply_page(name, root.id, slug(root.title), row_id)
    parent.reply_count += 1
    root.thread_count += 1
    root.active_at = max(root.active_at, published)
    return _publish(uow, post, community, words, origin)


def _standing(uow: UnitOfWork, author: Actor, origin: Origin | None) -> Post | None:
    """The post that already has this id; raises Gone if its author has taken it back."""
    if origin is None:
        return None
    if is_buried(uow, origin.uri, author.uri):
        raise Gone(f"{origin.uri} was deleted by its author")
    return uow.find(Post, origin.uri)


def _minted(uow: UnitOfWork, origin: Origin | None) -> tuple[int, datetime]:
    """An id that sorts among its contemporaries, and a time that is not in the future.

    A unit whose `now` was set back (old posts are brought in) mints ids of that time, too.
    """
    if origin is None:
        long_ago = datetime.now(UTC) - uow.now > _A_WHILE
        return new_id(uow.now if long_ago else None), uow.now
    published = min(origin.published_at or uow.now, uow.now)
    return new_id(published), published


def _publish(
    uow: UnitOfWork, post: Post, community: Community, words: Words, origin: Origin | None
) -> Post:
    set_words(post, words)
    if origin is not None:
        post.url = origin.url or origin.uri
        post.edited_at = origin.edited_at
    if community.last_post_at is None or community.last_post_at < post.published_at:
        community.last_post_at = post.published_at
    uow.add(post)
    hang_on(uow, post, words)
    uow.emit(PostPublished(post.id, words.mentioned))
    return post


def set_words(post: Post, words: Words) -> None:
    """Put the words into the row."""
    post.title = words.title
    post.html = words.html
    post.source = words.source
    post.summary = words.summary
    post.warning = words.warning
    post.language = words.language


def hang_on(uow: UnitOfWork, post: Post, words: Words) -> None:
    """Write the mentions, attachments and hashtags of a post that has none yet."""
    for actor_id in dict.fromkeys(words.mentioned):
        uow.add(Mention(post_id=post.id, actor_id=actor_id))
    for attachment in words.attachments:
        uow.add(
            Attachment(
                post_id=post.id,
                type=attachment.type,
                url=attachment.url,
                name=attachment.name or "",
                media_type=attachment.media_type,
            )
        )
    hashtags = words.hashtags
    if hashtags and not post.local:
        place = uow.get(Actor, post.community_id)
        hashtags = said_by_author(hashtags, place.name, post.html)
    put_tags(uow, post.id, hashtags)
