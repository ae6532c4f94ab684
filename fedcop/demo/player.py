"""Plays the people of one server of the demo, by the same actions that its pages call.

Each act is done as soon as what it answers has come, from here or from the other server: what
crosses between the two does so over the network, as between any two servers.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from fedcop.app import Session
from fedcop.bootstrap import House
from fedcop.demo.acts import Line, Moment, Script
from fedcop.demo.prose import CommunityStory, Home, Person
from fedcop.demo.stage import Stage
from fedcop.domain.communities.found import found
from fedcop.domain.communities.join import join
from fedcop.domain.communities.models import Community
from fedcop.domain.communities.policy import role_of
from fedcop.domain.communities.queries import by_name
from fedcop.domain.communities.roles import appoint
from fedcop.domain.moderation.report import report
from fedcop.domain.people.keys import FreshKeys
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import person_here
from fedcop.domain.people.register import register
from fedcop.domain.posts.compose import compose_reply, compose_starter
from fedcop.domain.posts.feature import pin
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.publish import reply, start
from fedcop.domain.posts.queries import chronicle
from fedcop.domain.posts.vote import vote
from fedcop.errors import FedcopError
from fedcop.work.unit_of_work import UnitOfWork

_AT_ONCE = 20
_LOOK = 0.2
"""Seconds between looks at what has come."""


class Player:
    """The people of `home`. `play` may be called again on a folder where it was broken off."""

    def __init__(self, house: House, script: Script, home: Home) -> None:
        self._app, self._resolver = house.app, house.resolver
        self._script, self._home = script, home
        self._actors: dict[str, int] = {}
        self._places: dict[str, int] = {}
        self._voted: set[tuple[Moment, str]] = set()

    @property
    def stage(self) -> Stage:
        return self._script.stage

    async def play(self, seconds: float) -> bool:
        """Play until all of the story is here, at most so long; whether it is."""
        try:
            async with asyncio.timeout(seconds):
                await self._register()
                await self._found()
                await self._join_there()
                await self._speak()
        except TimeoutError:
            return False
        return True

    def actor(self, handle: str) -> int:
        """The row of one of our people."""
        return self._actors[handle]

    def place(self, name: str) -> int:
        """The row of a community, ours or theirs."""
        return self._places[name]

    def is_ours(self, handle: str) -> bool:
        """Whether this person lives here."""
        return self._script.home_of[handle] == self._home

    async def _register(self) -> None:
        ours = [person for person in self._script.story.people if person.home == self._home]
        self._actors = await self._app.read(lambda session: _rows(session, ours))
        new = [person for person in ours if person.handle not in self._actors]
        fresh = await asyncio.gather(*(self._app.fresh_keys() for _ in new))

        def act(uow: UnitOfWork) -> dict[str, int]:
            uow.now = self.stage.began - timedelta(days=365)
            return {
                person.handle: register(
                    uow,
                    name=person.handle,
                    display_name=person.name,
                    keys=keys,
                    role="admin" if self._is_steward(person.handle) else "member",
                    bio=person.bio,
                ).id
                for person, keys in zip(new, fresh, strict=True)
            }

        self._actors |= await self._app.act(act)

    def _is_steward(self, handle: str) -> bool:
        return any(handle in place.stewards for place in self._script.story.communities)

    async def _found(self) -> None:
        for place in self._script.story.communities:
            if place.home == self._home:
                keys = await self._app.fresh_keys()
                make = partial(self._found_one, place=place, keys=keys)
                self._places[place.name] = await self._app.act(make)

    def _found_one(self, uow: UnitOfWork, place: CommunityStory, keys: FreshKeys) -> int:
        known = by_name(uow.session, place.name)
        if known is not None:
            return known.actor.id
        uow.now = self._script.founded(place)
        community = found(
            uow,
            uow.get(Actor, self._actors[place.stewards[0]]),
            name=place.name,
            title=place.title,
            purpose=place.purpose,
            charter=place.charter,
            keys=keys,
        )
        founder = uow.get(Actor, self._actors[place.stewards[0]])
        for handle in place.people[1:]:
            if self.is_ours(handle):
                member = uow.get(Actor, self._actors[handle])
                join(uow, community, member)
                if handle in place.stewards:
                    appoint(uow, community, member, founder)
        return community.actor_id

    async def _join_there(self) -> None:
        """Our people join the communities of the other server, and wait for its answer."""
        for place in self._script.story.communities:
            if place.home != self._home:
                self._places[place.name] = await self._meet(place)
                await self._app.act(partial(self._ask, place=place))
        while not await self._app.read(self._all_belong):
            await self._app.wake.wait("demo", _LOOK)

    async def _meet(self, place: CommunityStory) -> int:
        """Find a community of the other server, which may still be starting."""
        while True:
            try:
                found = await self._resolver.find(f"@{place.name}@{self.stage.host(place.home)}")
            except FedcopError:
                await self._app.wake.wait("demo", _LOOK)
            else:
                return found.id

    def _ask(self, uow: UnitOfWork, place: CommunityStory) -> None:
        community = uow.session.get_one(Community, self._places[place.name])
        for handle in place.people:
            if self.is_ours(handle):
                join(uow, community, uow.get(Actor, self._actors[handle]))

    def _all_belong(self, session: Session) -> bool:
        return all(
            role_of(session, self._places[place.name], self._actors[handle]) is not None
            for place in self._script.story.communities
            for handle in place.people
            if self.is_ours(handle)
        )

    async def _speak(self) -> None:
        """Say and vote what can be said and voted, until all of the story is here."""
        while True:
            known = await self._app.read(self._known)
            while said := await self._app.act(partial(self._say_some, known=known)):
                known |= said
            await self._vote(known)
            if len(known) >= len(self._script.lines):
                await self._app.act(partial(self._look_after, known=known))
                return
            await self._app.wake.wait("demo", _LOOK)

    def _say_some(self, uow: UnitOfWork, known: dict[Moment, int]) -> dict[Moment, int]:
        """The next lines of our people, each at its own time, in one transaction."""
        said: dict[Moment, int] = {}
        for line in self._script.lines:
            here = known | said if said else known
            if line.moment not in here and self._may_say(line, here):
                said[line.moment] = self._say(uow, line, here)
                uow.answer()  # while the time of this line is the unit's
            if len(said) >= _AT_ONCE:
                break
        return said

    def _known(self, session: Session) -> dict[Moment, int]:
        ours = {line.moment for line in self._script.lines}
        found: dict[Moment, int] = {}
        for row_id in self._places.values():
            found |= chronicle(session, row_id)
        return {moment: row_id for moment, row_id in found.items() if moment in ours}

    def _may_say(self, line: Line, known: Mapping[Moment, int]) -> bool:
        return self.is_ours(line.author) and (line.answers is None or line.answers in known)

    def _say(self, uow: UnitOfWork, line: Line, known: Mapping[Moment, int]) -> int:
        uow.now = line.moment[1]
        author = uow.get(Actor, self._actors[line.author])
        if line.answers is not None:
            words = compose_reply(uow.session, uow.uris, line.body)
            return reply(uow, author, uow.get(Post, known[line.answers]), words).id
        community = uow.session.get_one(Community, self._places[line.community])
        words = compose_starter(uow.session, uow.uris, line.title, line.body)
        return start(uow, author, community, words).id

    def _look_after(self, uow: UnitOfWork, known: Mapping[Moment, int]) -> None:
        """Our stewards pin, and our people report, what the story says; twice changes nothing."""
        founders = {place.name: place.stewards[0] for place in self._script.story.communities}
        for line in self._script.lines:
            post = uow.get(Post, known[line.moment])
            founder = founders[line.community]
            if line.pinned and self.is_ours(founder):
                pin(uow, post, uow.get(Actor, self._actors[founder]))
            for told in line.reports:
                if self.is_ours(told.by):
                    report(
                        uow,
                        uow.get(Actor, self._actors[told.by]),
                        target=uow.get(Actor, post.author_id),
                        post=post,
                        community=uow.get(Community, post.community_id),
                        words=told.words,
                    )

    async def _vote(self, known: Mapping[Moment, int]) -> None:
        waiting = [
            (line.moment, handle)
            for line in self._script.lines
            for handle in line.helpful
            if self.is_ours(handle) and line.moment in known
        ]
        fresh = [one for one in waiting if one not in self._voted]

        def act(uow: UnitOfWork) -> None:
            for moment, handle in fresh:
                voter = uow.get(Actor, self._actors[handle])
                vote(uow, uow.get(Post, known[moment]), voter, +1)

        if fresh:
            await self._app.act(act)
            self._voted.update(fresh)


def _rows(session: Session, people: Sequence[Person]) -> dict[str, int]:
    """Those of these people who have an account here already."""
    found = {person.handle: person_here(session, person.handle) for person in people}
    return {handle: actor.id for handle, actor in found.items() if actor is not None}
