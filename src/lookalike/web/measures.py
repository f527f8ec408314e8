"""What the server tells of itself: figures for Prometheus, and a line of JSON for each request in the log."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from lookalike.web.service import Service

LOGGER = logging.getLogger("lookalike.web")
BUCKETS_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


class Measures:
    """Counters of one server. Routes are told as they are declared: no id or token becomes a label."""

    def __init__(self, service: Service) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "lookalike_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "lookalike_request_seconds",
            "From a request's head to the end of its answer.",
            ("route",),
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self.active = Gauge("lookalike_active_requests", "Requests under way.", registry=self.registry)
        self.search_processes = Gauge(
            "lookalike_search_processes", "Processes that search besides this one, and are up.", registry=self.registry
        )
        uploads = Gauge("lookalike_uploads", "Pictures kept in memory.", registry=self.registry)
        uploads.set_function(lambda: len(service.uploads))
        upload_bytes = Gauge("lookalike_upload_bytes", "Bytes of these.", registry=self.registry)
        upload_bytes.set_function(lambda: service.uploads.bytes)

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return bytes(generate_latest(self.registry))

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)


class JsonLines(logging.Formatter):
    """Each record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "told", {}),
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told)


def log_as_json() -> None:
    """Send our lines and uvicorn's to stderr, a JSON object each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in ("lookalike.web", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(logging.INFO)
        logger.propagate = False
