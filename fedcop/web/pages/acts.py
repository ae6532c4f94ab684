"""What can be done to a post: the entries of its menu, for its author, a steward, a reader."""

from collections.abc import Sequence

from fedcop.domain.posts.lines import Line
from fedcop.text.sanitize import is_web_address
from fedcop.web.locale import Language
from fedcop.web.shapes import Act


def of(
    row: Line, language: Language, reader_id: int | None, *, steward: bool, gone: bool
) -> Sequence[Act]:
    """The menu of this post for this reader; `gone` is one whose words are not shown."""
    if gone:
        return _for_the_removed(row, language) if steward else ()
    _, own = language.gettext, row.author_id == reader_id
    acts: list[Act] = []
    if own and row.has_source:
        acts.append(Act(_("Edit"), f"/p/{row.id}/edit", "pencil"))
    if own:
        acts.append(Act(_("Delete"), f"/p/{row.id}/delete", "close"))
    if steward:
        acts.extend(_for_stewards(row, language, own=own))
    if reader_id is not None and not own and not steward:
        acts.append(Act(_("Report"), f"/report?post={row.id}", "flag"))
    address = row.url or row.uri
    if not row.local and is_web_address(address):
        acts.append(Act(_("See the original"), address, "share"))
    return acts


def _for_stewards(row: Line, language: Language, *, own: bool) -> list[Act]:
    _ = language.gettext
    acts: list[Act] = []
    if row.is_starter and row.pinned_at is None:
        acts.append(Act(_("Pin to the top"), f"/p/{row.id}/pin", "pin", posts=True))
    elif row.is_starter:
        acts.append(Act(_("Unpin"), f"/p/{row.id}/unpin", "pin", posts=True))
    if row.locked_at is not None:
        acts.append(Act(_("Unlock"), f"/p/{row.id}/unlock", "lock", posts=True))
    else:
        acts.append(Act(_("Lock"), f"/p/{row.id}/lock", "lock"))
    if not own:
        acts.append(Act(_("Take out of the community"), f"/p/{row.id}/remove", "flag"))
    return acts


def _for_the_removed(row: Line, language: Language) -> list[Act]:
    _ = language.gettext
    if row.removed_at is None or row.deleted_at is not None:
        return []
    return [Act(_("Let it in again"), f"/p/{row.id}/restore", "check", posts=True)]
