"""Pages of a list by `?before=` and `?after=`, in the order of `?order=`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from fedcop.db.paging import Cursor, Page
from fedcop.domain.posts.queries import Order
from fedcop.errors import NotFound
from fedcop.web.locale import language_of
from fedcop.web.pages.addresses import row_id

T = TypeVar("T")
ORDER_COOKIE = "fedcop-order"
_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Turn:
    """The addresses of the pages before and after this one; empty where there is none."""

    newer: str = ""
    older: str = ""


def cursor_of(request: Request, limit: int = 20) -> Cursor:
    """Which page is asked for. What is no row id asks for the first."""
    before, after = _number(request, "before"), _number(request, "after")
    return Cursor(before, after, limit, _moment(request))


def _moment(request: Request) -> datetime | None:
    """`?at=` in microseconds since 1970; None for what is no moment."""
    text = request.query_params.get("at", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 17):
        return None
    return _START + timedelta(microseconds=int(text))


def _number(request: Request, key: str) -> int | None:
    try:
        return row_id(request.query_params.get(key, ""))
    except NotFound:
        return None


def order_of(request: Request) -> Order:
    """New, unless something else is asked for."""
    wanted = request.query_params.get("order", "")
    return Order(wanted) if wanted in set(Order) else Order.NEW


def remembered_order(request: Request) -> Order:
    """The same for lists that keep the order that was asked for last (`ORDER_COOKIE`)."""
    if "order" in request.query_params:
        return order_of(request)
    kept = request.cookies.get(ORDER_COOKIE, "")
    return Order(kept) if kept in set(Order) else Order.NEW


def remember_order(request: Request, response: Response) -> Response:
    """Keep the order that was asked for; one that is not known is not kept."""
    if request.query_params.get("order", "") in set(Order):
        order, year = request.query_params["order"], 365 * 86_400
        response.set_cookie(ORDER_COOKIE, order, year, httponly=True, samesite="lax")
    return response


def page_of(request: Request) -> int:
    """`?page=`, from 1; whatever is no number is the first."""
    text = request.query_params.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 4 else 1


def numbered(request: Request, page: int, *, more: bool) -> Turn:
    """The addresses of the pages before and after a page that has a number."""
    kept = [(k, v) for k, v in request.query_params.items() if k != "page"]

    def address(number: int) -> str:
        return f"{request.url.path}?{urlencode([*kept, ('page', number)])}"

    return Turn(address(page - 1) if page > 1 else "", address(page + 1) if more else "")


def orders(request: Request, *, remembered: bool = False) -> Sequence[tuple[str, str, str]]:
    """The orders of discussions as the macro `tabs` takes them.

    Where the order is remembered, the first of them has to be asked for, too.
    """
    _ = language_of(request).gettext
    names = {Order.NEW: _("New"), Order.ACTIVE: _("Active"), Order.UNANSWERED: _("Unanswered")}
    path = request.url.path
    return [
        (
            order.value,
            words,
            path if order is Order.NEW and not remembered else f"{path}?order={order.value}",
        )
        for order, words in names.items()
    ]


def turn(request: Request, page: Page[T]) -> Turn:
    """The addresses of the neighbouring pages, with whatever else this one was asked."""
    own = {"before", "after", "at"}
    kept = [(k, v) for k, v in request.query_params.items() if k not in own]

    def address(key: str, edge: int | None, moment: datetime | None = None) -> str:
        if edge is None:
            return ""
        at = [("at", (moment - _START) // timedelta(microseconds=1))] if moment else []
        return f"{request.url.path}?{urlencode([*kept, (key, edge), *at])}"

    return Turn(address("after", page.newer), address("before", page.older, page.moment))
