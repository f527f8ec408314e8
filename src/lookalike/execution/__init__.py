"""Where work runs: processes that may crash, hang or bloat without harm."""

from lookalike.execution.base import NOT_YET, PULSE, Control, Executor, ItemDone, ItemFailed, NotYet, Pulse
from lookalike.execution.local import LocalExecutor
from lookalike.execution.priority import lower_priority
from lookalike.execution.resident import PoolBusy, ResidentPool

__all__ = [
    "NOT_YET",
    "PULSE",
    "Control",
    "Executor",
    "ItemDone",
    "ItemFailed",
    "LocalExecutor",
    "NotYet",
    "PoolBusy",
    "Pulse",
    "ResidentPool",
    "lower_priority",
]
