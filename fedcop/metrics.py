"""Counters and timings, in Prometheus text."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """What one server counts. Each server has its own, so that several fit in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "fedcop_requests",
            "HTTP requests answered",
            ["method", "status"],
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "fedcop_request_seconds", "Seconds to answer an HTTP request", registry=self.registry
        )
        self.received = Counter(
            "fedcop_inbox_received",
            "Activities received, by answer",
            ["status"],
            registry=self.registry,
        )
        self.processed = Counter(
            "fedcop_inbox_processed",
            "Activities processed, by outcome",
            ["outcome"],
            registry=self.registry,
        )
        self.delivered = Counter(
            "fedcop_deliveries", "Deliveries tried, by outcome", ["outcome"], registry=self.registry
        )
        self.fetched = Counter(
            "fedcop_fetches", "Documents fetched, by outcome", ["outcome"], registry=self.registry
        )
        self.waiting = Gauge(
            "fedcop_waiting", "Rows that wait in a queue", ["queue"], registry=self.registry
        )

    def text(self) -> bytes:
        """All of them in the Prometheus text format, to be served as `CONTENT_TYPE`."""
        return generate_latest(self.registry)
