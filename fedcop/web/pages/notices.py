"""Where a form that succeeded leads, and what the next page then says once."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fedcop.web.forms import N_
from fedcop.web.locale import language_of
from fedcop.web.render import NOTICE_COOKIE, page
from fedcop.web.shapes import Notice

COOKIE = NOTICE_COOKIE
NOTICES: Mapping[str, tuple[str, str]] = {
    "joined": (N_("You belong to this community now."), "good"),
    "asked": (N_("Asked. You belong as soon as their server answers."), ""),
    "waiting": (N_("You read along from now on. The stewards decide whether you can write."), ""),
    "guidelines": (N_("The guidelines are changed. The earlier version is kept."), "good"),
    "openness": (N_("Who may write is changed."), "good"),
    "closed": (N_("The community is closed. You can open it again at any time."), ""),
    "reopened": (N_("The community is open again."), "good"),
    "left": (N_("You have left the community."), ""),
    "founded": (N_("Your community is here. Invite somebody, or start a discussion."), "good"),
    "changed": (N_("The charter is changed."), "good"),
    "posted": (N_("Your discussion is published."), "good"),
    "replied": (N_("Your reply is published."), "good"),
    "edited": (N_("Your changes are published."), "good"),
    "deleted": (N_("It is deleted."), ""),
    "let-in": (N_("They can write here now."), "good"),
    "not-let-in": (N_("They do not belong here any more, and read your reason."), ""),
    "banned": (N_("They are banned."), ""),
    "lifted": (N_("The ban is lifted. They can join again."), "good"),
    "answered": (N_("Answered. Those who reported hear of it."), "good"),
    "locked-it": (N_("It is locked, and those who reported hear of it."), ""),
    "open-again": (N_("It is open again."), ""),
    "removed": (N_("It is taken out of the community."), ""),
    "restored": (N_("It stands in the community again."), "good"),
    "pinned": (N_("It stands first in the community now."), "good"),
    "unpinned": (N_("It is no longer pinned."), ""),
    "locked": (N_("It is locked: nobody can reply any more."), ""),
    "unlocked": (N_("It is unlocked: people can reply again."), "good"),
    "appointed": (N_("They are a steward now."), "good"),
    "dismissed": (N_("They are no steward any more."), ""),
    "read": (N_("Everything is marked as seen."), ""),
    "muted": (N_("You do not hear of replies in this discussion any more."), ""),
    "unmuted": (N_("You hear of this discussion again."), ""),
    "welcome": (N_("Welcome! You have an account here now."), "good"),
    "saved": (N_("Saved."), "good"),
    "role": (N_("Their role is changed."), "good"),
    "suspended": (N_("Suspended: they are signed out, and cannot sign in."), ""),
    "report-withdrawn": (N_("You have taken it back."), "good"),
    "stopped": (N_("Suspended. Those who reported hear of it."), ""),
    "let-back": (N_("They can take part on this server again."), "good"),
    "reinstated": (N_("Reinstated: they can sign in again."), "good"),
    "revoked": (N_("The invitation opens nothing any more."), ""),
    "retried": (N_("It is tried again within seconds."), "good"),
    "host-blocked": (N_("Blocked. What it said is hidden, and nothing goes there."), ""),
    "host-allowed": (N_("Allowed."), "good"),
    "host-forgotten": (N_("Taken back. What was hidden is shown again."), "good"),
    "partners-only": (N_("This server speaks with allowed servers only."), ""),
    "open-to-all": (N_("This server speaks with all that are not blocked."), "good"),
    "list-taken": (N_("The list is in force."), "good"),
    "followed": (N_("You follow this person now."), "good"),
    "follow-asked": (N_("Asked. You follow them as soon as their server answers."), ""),
    "unfollowed": (N_("You do not follow this person any more."), ""),
    "blocked": (N_("Blocked. You do not hear of each other any more; they are not told."), ""),
    "unblocked": (N_("They are not blocked any more."), ""),
    "language": (N_("Your language is changed."), "good"),
    "session-ended": (N_("That device is signed out."), ""),
    "departed": (N_("Your account is deleted."), ""),
    "signed-out": (N_("You are signed out."), ""),
    "profile": (N_("Your profile is changed."), "good"),
    "password": (N_("Your password is changed. Every other device is signed out."), "good"),
}


def go(url: str, notice: str = "") -> Response:
    """303 to `url`, whose page says `notice` (a name of NOTICES) once."""
    response = RedirectResponse(url, 303, {"Cache-Control": "no-store"})
    if notice:
        response.set_cookie(COOKIE, notice, max_age=60, httponly=True, samesite="lax")
    return response


def show(
    request: Request, template: str, context: Mapping[str, object], status: int = 200
) -> Response:
    """A page, with the notice that was left for it; the notice is then forgotten."""
    left = request.cookies.get(COOKIE, "")
    if left not in NOTICES:
        return page(request, template, context, status)
    words, tone = NOTICES[left]
    flash = Notice(language_of(request).gettext(words), tone)
    kept_by_nobody = {"Cache-Control": "private, no-store"}
    response = page(request, template, {**context, "flash": flash}, status, kept_by_nobody)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return response
