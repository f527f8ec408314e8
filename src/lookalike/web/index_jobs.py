"""Indexing runs that the server was asked for: one at a time, in a thread, each with the events that it told."""

from __future__ import annotations

import os
import secrets
import threading
from collections import OrderedDict
from typing import Any

from lookalike.errors import LookalikeError
from lookalike.execution import Control
from lookalike.jobs.index_folders import IndexReport
from lookalike.jobs.locate_image import is_inside
from lookalike.web.problems import Problem, as_problem
from lookalike.web.service import Service

MOST_REMEMBERED = 20


class IndexJob:
    """One run. *events* only grows at its end, but for progress, of which the latest is kept."""

    def __init__(self, folders: list[str]) -> None:
        self.id = secrets.token_urlsafe(12)
        self.folders = folders
        self.control = Control()
        self.status = "running"
        self.progress: dict[str, Any] = {}
        self.report: dict[str, Any] | None = None
        self.changed = threading.Condition()
        self.version = 0

    def tell(self, status: str, told: dict[str, Any]) -> None:
        """Note what came of it."""
        with self.changed:
            self.status = status
            if status == "running":
                self.progress = told
            else:
                self.report = told
            self.version += 1
            self.changed.notify_all()

    def next_event(self, seen: int, timeout_s: float) -> tuple[int, str, dict[str, Any]] | None:
        """(version, event, data) newer than *seen*; None where nothing came in time."""
        with self.changed:
            self.changed.wait_for(lambda: self.version > seen, timeout_s)
            if self.version <= seen:
                return None
            if self.report is not None:
                return self.version, self.status, self.report
            return self.version, "progress", self.progress

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape."""
        return {
            "id": self.id,
            "status": self.status,
            "progress": self.progress,
            "report": self.report,
            "links": {"self": f"jobs/{self.id}", "events": f"jobs/{self.id}/events"},
        }


class IndexJobs:
    """The runs of one server."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._jobs: OrderedDict[str, IndexJob] = OrderedDict()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def get(self, job_id: str) -> IndexJob:
        """The run of this id.

        Raises:
            Problem: there is none.
        """
        job = self._jobs.get(job_id)
        if job is None:
            raise Problem("not-found", "there is no such run; the latest ones are remembered until the server stops")
        return job

    def begin(self, folders: list[str]) -> IndexJob:
        """Start a run over *folders*, which lie in folders that the catalog knows or the server's own; all by default.

        Raises:
            Problem: a run is under way, or a folder isn't one of those.
        """
        job = IndexJob(self.checked(folders))
        with self._lock:
            if any(one.status == "running" for one in self._jobs.values()):
                raise Problem("conflict", "an indexing run is under way: wait for its end, or stop it")
            self._jobs[job.id] = job
            while len(self._jobs) > MOST_REMEMBERED:
                self._jobs.popitem(last=False)
            thread = threading.Thread(target=self.run, args=(job,), name=f"index {job.id}", daemon=True)
            self._threads = [thread]
        thread.start()
        return job

    def checked(self, folders: list[str]) -> list[str]:
        """*folders*, or all that are known."""
        with self.service.catalog() as catalog:
            known = [os.fsdecode(root) for root in catalog.store.roots()]
        if self.service.web.folder is not None:
            known.append(str(self.service.web.folder.absolute()))
        known = [root for root in known if os.path.exists(root)]
        real = [os.path.realpath(os.fsencode(root)) for root in known]
        for folder in folders:
            path = os.path.realpath(os.fsencode(folder)) if "\0" not in folder else b""
            if not any(is_inside(path, root) for root in real) or not os.path.isdir(path):
                raise Problem(
                    "not-allowed",
                    "a folder is not inside those that the catalog knows: index it once from the command line first",
                )
        chosen = folders or known
        if not chosen:
            raise Problem(
                "conflict", "the catalog knows no folder that is there: index one from the command line first"
            )
        return chosen

    def run(self, job: IndexJob) -> None:
        """Index, and tell how it goes."""
        try:
            with self.service.writer() as catalog:
                for event in catalog.index_events(job.folders, control=job.control):
                    if isinstance(event, IndexReport):
                        told = event.as_dict()
                        told.pop("kept_roots", None)
                        job.tell("stopped" if event.stopped else "done", told)
                    else:
                        job.tell("running", event.as_dict())
        except LookalikeError as error:
            job.tell("failed", as_problem(error).as_dict(job.id))
        except Exception as error:  # noqa: BLE001 - whoever waits for the run must learn of it
            job.tell("failed", Problem("internal", f"the run ended: {type(error).__name__}").as_dict(job.id))

    def stop(self, timeout_s: float) -> None:
        """Stop what is under way and wait for it."""
        for job in self._jobs.values():
            job.control.stop()
        for thread in self._threads:
            thread.join(timeout_s)
