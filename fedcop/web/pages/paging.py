"""Pages of a list by `?before=` and `?after=`, in the order of `?order=`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

from fedcop.db.paging import Cursor, Page
from fedcop.domain.posts.queries import Order
from fedcop.errors import NotFound
from fedcop.web.locale import language_of
from fedcop.web.pages.addresses import row_id

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Turn:
    """The addresses of the pages before and after this one; empty where there is none."""

    newer: str = ""
    older: str = ""


def cursor_of(request: Request, limit: int = 20) -> Cursor:
    """Which page is asked for. What is no row id asks for the first."""
    return Cursor(_number(request, "before"), _number(request, "after"), limit)


def _number(request: Request, key: str) -> int | None:
    try:
        return row_id(request.query_params.get(key, ""))
    except NotFound:
        return None


def order_of(request: Request) -> Order:
    """New, unless something else is asked for."""
    wanted = request.query_params.get("order", "")
    return Order(wanted) if wanted in set(Order) else Order.NEW


def orders(request: Request) -> Sequence[tuple[str, str, str]]:
    """The orders of discussions as the macro `tabs` takes them."""
    _ = language_of(request).gettext
    names = {Order.NEW: _("New"), Order.ACTIVE: _("Active"), Order.UNANSWERED: _("Unanswered")}
    path = request.url.path
    return [
        (order.value, words, path if order is Order.NEW else f"{path}?order={order.value}")
        for order, words in names.items()
    ]


def turn(request: Request, page: Page[T]) -> Turn:
    """The addresses of the neighbouring pages, with whatever else this one was asked."""
    kept = [(k, v) for k, v in request.query_params.items() if k not in {"before", "after"}]

    def address(key: str, edge: int | None) -> str:
        return f"{request.url.path}?{urlencode([*kept, (key, edge)])}" if edge is not None else ""

    return Turn(address("after", page.newer), address("before", page.older))
