"""Every reaction by which other servers hear of what happens here, for the wiring to list."""

from fedcop.domain.people.keys import KeyRing
from fedcop.domain.posts.objects import ObjectTypes
from fedcop.outbox import tell_departure, tell_members, tell_moderation, tell_people
from fedcop.outbox.publish import Voice
from fedcop.outbox.tell_moderation import TellModeration
from fedcop.outbox.tell_posts import TellPosts
from fedcop.outbox.tell_stewardship import TellStewardship
from fedcop.outbox.tell_votes import TellVotes


class Tell:
    """The reactions, made with the keys that prove what is said and the nouns that word it.

    Each is a plain function over the unit of work and a fact; it writes rows and sends nothing.
    """

    def __init__(self, keys: KeyRing, types: ObjectTypes) -> None:
        voice = Voice(keys)
        posts, votes = TellPosts(voice, types), TellVotes(voice)
        self.tell_published = posts.published
        self.tell_edited = posts.edited
        self.tell_deleted = posts.deleted
        self.tell_copied = posts.copied
        self.tell_voted = votes.voted
        self.tell_join_asked = tell_members.join_asked
        self.tell_joined = tell_members.joined
        self.tell_left = tell_members.left
        self.tell_refused = tell_members.refused
        self.tell_community_changed = tell_members.community_changed
        self.tell_profile_changed = tell_members.profile_changed
        self.tell_follow_asked = tell_people.follow_asked
        self.tell_followed = tell_people.followed
        self.tell_follower_dropped = tell_people.follower_dropped
        self.tell_unfollowed = tell_people.unfollowed
        self.tell_departed = tell_departure.departed
        stewardship = TellStewardship(voice, types)
        self.tell_removed = stewardship.removed
        self.tell_restored = stewardship.restored
        self.tell_pinned = stewardship.pinned
        self.tell_unpinned = stewardship.unpinned
        self.tell_locked = stewardship.locked
        self.tell_unlocked = stewardship.unlocked
        self.tell_appointed = stewardship.appointed
        self.tell_dismissed = stewardship.dismissed
        moderation = TellModeration(voice)
        self.tell_banned = moderation.banned
        self.tell_lifted = moderation.lifted
        self.tell_reported = moderation.reported
        self.tell_withdrawn = moderation.withdrawn
        self.tell_join_refused = tell_moderation.join_refused
