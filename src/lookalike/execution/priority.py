"""Work that gives way to everything else on the machine."""

from __future__ import annotations

import contextlib
import os
import platform
import sys

LOWEST_NICENESS = 19
# ioprio_set(2): it has no wrapper in the C library; its number by machine, from the kernel's syscall tables.
IOPRIO_SET = {"x86_64": 251, "aarch64": 30, "riscv64": 30, "armv7l": 314, "ppc64le": 273, "s390x": 282}
IOPRIO_WHO_PROCESS = 1
IDLE_CLASS = 3 << 13  # linux/ioprio.h: IOPRIO_CLASS_IDLE above the 13 bits of data


def lower_priority() -> None:
    """Give this process, and those it will start, the least claim to processor and disk; there is no way back.

    Where the idle class for the disk isn't known (other systems than Linux), the processor's niceness alone is set.
    """
    os.nice(LOWEST_NICENESS)
    number = IOPRIO_SET.get(platform.machine())
    if sys.platform == "linux" and number is not None:
        import ctypes

        with contextlib.suppress(OSError, AttributeError):  # a sandbox may forbid it; the niceness is set already
            ctypes.CDLL(None, use_errno=True).syscall(number, IOPRIO_WHO_PROCESS, 0, IDLE_CLASS)
