"""Where work runs: processes that may crash, hang or bloat without harm."""

from lookalike.execution.base import Executor, ItemDone, ItemFailed
from lookalike.execution.local import LocalExecutor

__all__ = ["Executor", "ItemDone", "ItemFailed", "LocalExecutor"]
