"""Tells what changes below some folders: as the system announces it, or by looking again and again."""

from lookalike.watching.announced import AnnouncedChanges
from lookalike.watching.base import Changes, Watcher
from lookalike.watching.polling import PollingWatcher

__all__ = ["AnnouncedChanges", "Changes", "PollingWatcher", "Watcher"]
