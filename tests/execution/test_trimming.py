"""Memory that a large piece of work left with the C library is given back."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lookalike.execution.trimming import resident_bytes

LEAVE_HOLES = """
import ctypes
from lookalike.execution.trimming import GROWTH_BYTES, Trimmer, resident_bytes
if not hasattr(ctypes.CDLL(None), "malloc_trim"):
    print("no glibc")
    raise SystemExit
trimmer = Trimmer()
trimmer.before_work()
assert not trimmer.after_work()
settled = trimmer.settled_bytes
blocks = [bytearray(100_000) for _ in range(1000)]  # below what glibc maps by itself
last = bytearray(100_000)  # so that the heap's end stays in use
del blocks
held = resident_bytes()
assert held > settled + 3 * GROWTH_BYTES, (held, settled)
assert trimmer.after_work()
assert resident_bytes() < settled + GROWTH_BYTES, (resident_bytes(), settled)
assert not trimmer.after_work()
print("given back")
"""


@pytest.mark.skipif(not resident_bytes(), reason="this system has no /proc/self/statm")
def test_holes_in_the_heap_are_given_back_once_they_are_large():
    ran = subprocess.run([sys.executable, "-c", LEAVE_HOLES], capture_output=True, text=True, check=False)
    assert ran.stdout in ("given back\n", "no glibc\n"), ran.stderr
    if ran.stdout == "no glibc\n":
        pytest.skip("the C library is not glibc")
