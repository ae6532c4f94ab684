"""Structured logs: one line for a request, an activity, a delivery."""

import json
import logging
import sys
from typing import Any, Literal, cast

import orjson
import structlog
from structlog.typing import FilteringBoundLogger, Processor

Format = Literal["auto", "console", "json"]


def logger(name: str) -> FilteringBoundLogger:
    """A logger whose lines carry `name` as their `part`, and whatever context was bound."""
    return cast("FilteringBoundLogger", structlog.get_logger(part=name))


def _json(line: dict[str, Any], **given: Any) -> str:
    try:
        return orjson.dumps(line, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
    except orjson.JSONEncodeError:  # half a surrogate, a number that is too long
        return json.dumps(line, **given)


def configure(level: str = "info", form: Format = "auto") -> None:
    """Send our lines and those of libraries to standard error, as JSON or for a person."""
    as_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: Processor = (
        structlog.processors.JSONRenderer(serializer=_json)
        if as_json
        # Plain: the other formatters show local variables, which hold secrets, and take seconds.
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    tail: list[Processor] = [structlog.processors.format_exc_info] if as_json else []
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, *tail, render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *tail, render],
    )
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)
