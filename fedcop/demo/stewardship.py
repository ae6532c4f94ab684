"""What a steward does, checked on two servers: pin, lock, remove and restore, report, ban."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fedcop.demo.browser import Browser, CheckFailed, until

Refused = frozenset({403, 409, 410, 422})
"""How a form is answered that asks for what one may not do."""

_PINNED, _LOCKED = "pinned</span>", "This discussion is locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A steward of `/c/{name}` here, a member of the same community there, one discussion."""

    name: str
    steward: Browser
    here: str
    member: Browser
    there: str
    member_handle: str
    """`ben@delta.example`, as the steward writes it."""
    seconds: float

    @property
    def place_there(self) -> str:
        """The community's page on the member's server."""
        return self.there.partition("/p/")[0]

    async def pin_and_lock(self) -> None:
        """A pin and a lock show on the other server, and there nobody can reply."""
        starter = await self._starter()
        await self.steward.post(f"/p/{starter}/pin")
        await self._shows("the pin", self.member, self.place_there, _PINNED)
        await self.steward.post(f"/p/{starter}/lock", reason="All is said.")
        await self._shows("the lock", self.member, self.there, _LOCKED)
        far = (await self.member.thread(self.there))[0][0]
        await self._is_refused("a reply to what is locked", f"/p/{far}/reply", source="And yet.")
        await self.steward.post(f"/p/{starter}/unlock")
        await self.steward.post(f"/p/{starter}/unpin")
        await self._shows("the lock's end", self.member, self.there, _LOCKED, there=False)
        await self._shows("the pin's end", self.member, self.place_there, _PINNED, there=False)

    async def remove_and_restore(self, words: str) -> None:
        """A reply that a steward takes out is hidden on the other server, and comes back."""
        row = await self._row_of(words)
        await self.steward.post(f"/p/{row}/remove", reason="Beside the point.")
        await self._until("the removal", lambda: self._lacks(words))
        await self.steward.post(f"/p/{row}/restore")
        await self._until("what was restored", lambda: self._has(words))

    async def report(self, said: str, words: str) -> None:
        """A member there reports the post that says `said`; the steward reads it here, answers."""
        thread = await self.member.thread(self.there)
        far = next(row for row, shown in thread if said in shown.words)
        await self._sends(f"/report?post={far}", words=words)
        queue = f"/c/{self.name}/stewardship/reports"

        async def arrived() -> str | None:
            case = re.search(rf'href="({re.escape(queue)}/\d+)', await self.steward.get(queue))
            return case[1] if case else None

        case = await until(f"the report on {self.steward.base}", arrived, self.seconds)
        if words not in await self.steward.get(case):
            raise CheckFailed("The steward cannot read the words of the report.")
        await self.steward.post(case, act="resolve", words="Looked at: it may stay.")

    async def ban_and_lift(self) -> None:
        """A banned member cannot reply, there; when the ban is lifted and they join, they can."""
        bans = f"/c/{self.name}/stewardship/bans"
        await self.steward.post(bans, who=self.member_handle, days="7", reason="A rest.")
        far = (await self.member.thread(self.there))[0][0]

        async def shut_out() -> bool | None:
            try:
                await self.member.get(f"{self.place_there}/new")
            except CheckFailed:
                return True
            return None

        await self._until("the ban", shut_out)
        await self._is_refused("a reply of who is banned", f"/p/{far}/reply", source="Still here?")
        page = await self.steward.get(bans)
        lift = re.search(rf'action="({re.escape(bans)}/\d+/lift)"', page)
        if lift is None:
            raise CheckFailed("The ban does not stand in the list of bans.")
        await self.steward.post(lift[1])

        async def belongs() -> bool | None:
            await self.member.sent(f"{self.place_there}/join")
            await self.member.get(f"{self.place_there}/new")
            return True

        await self._until("the way back in", belongs)

    async def _starter(self) -> int:
        return (await self.steward.thread(self.here))[0][0]

    async def _row_of(self, words: str) -> int:
        rows = [row for row, shown in await self.steward.thread(self.here) if words in shown.words]
        if not rows:
            raise CheckFailed(f"“{words}” is not on {self.steward.base}.")
        return rows[0]

    async def _has(self, words: str) -> bool | None:
        shown = [shown.words for _, shown in await self.member.thread(self.there)]
        return True if any(words in one for one in shown) else None

    async def _lacks(self, words: str) -> bool | None:
        return None if await self._has(words) else True

    async def _shows(
        self, what: str, who: Browser, path: str, words: str, *, there: bool = True
    ) -> None:
        async def look() -> bool | None:
            return True if (words in await who.get(path)) is there else None

        await self._until(f"{what} on {who.base}", look)

    async def _is_refused(self, what: str, path: str, **fields: str) -> None:
        status = await self.member.sent(path, **fields)
        if status not in Refused:
            raise CheckFailed(f"{what} is answered {status} on {self.member.base}.")

    async def _sends(self, path: str, **fields: str) -> None:
        status = await self.member.sent(path, **fields)
        if status not in {200, 303}:
            raise CheckFailed(f"The form {path} is answered {status} on {self.member.base}.")

    async def _until(self, what: str, look: Callable[[], Awaitable[bool | None]]) -> None:
        await until(what, look, self.seconds)
