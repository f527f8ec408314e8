"""The 64 x 64 averages that quality is judged by, equal to Pillow's ``resize((64, 64), BOX, reducing_gap=1.0)``.

That averages whole boxes (src/libImaging/Reduce.c, Pillow 13.0) before it resizes what is left (Resample.c), which
native loops do faster. The guard is that of ``resampling.py``: a sample is compared with the installed Pillow once a
process, and everything becomes Pillow's job should that calculate otherwise.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

from lookalike.fingerprints import _pixels
from lookalike.fingerprints.resampling import PLANS_KEPT, WEIGHT_SCALE, Taps, is_vertical_first

if TYPE_CHECKING:
    from lookalike.fingerprints.resampling import Pixels

SIDE = 64  # PDQ's
SAMPLES = ((64, 64), (130, 97), (97, 320))  # (height, width)


class Plan(NamedTuple):
    """What ``_pixels.average_cells`` takes for a picture of one size: boxes, then taps of what is left."""

    box_rows: int
    box_columns: int
    across: Taps
    down: Taps
    down_first: bool


def average_cells(grey: Pixels) -> tuple[Pixels, int]:
    """uint8 (64, 64), and the sum of its second differences in whole hundredths of the range.

    *grey* is uint8 (height, width).
    """
    plan = find_plan(grey.shape[0], grey.shape[1])
    if plan is None:
        cells = resize_by_pillow(grey)
        return cells, _pixels.count_bends(cells)
    return _run(plan, np.ascontiguousarray(grey))


def find_plan(height: int, width: int) -> Plan | None:
    """How a picture of this size becomes cells, if that isn't Pillow's job."""
    return plan_cells(height, width) if _equals_pillow() else None


def _run(plan: Plan, grey: Pixels) -> tuple[Pixels, int]:
    box_rows, box_columns, across, down, down_first = plan
    return _pixels.average_cells(grey, box_rows, box_columns, *across, *down, down_first)


def resize_by_pillow(grey: Pixels) -> Pixels:
    """The same cells, by Pillow."""
    height, width = grey.shape
    down, across = max(1, height // SIDE), max(1, width // SIDE)
    small = grey if down == across == 1 else _pixels.average_boxes(grey, down, across)
    box = (0.0, 0.0, width / across, height / down)
    return np.asarray(Image.fromarray(small).resize((SIDE, SIDE), Image.Resampling.BOX, box))


@cache
def _equals_pillow() -> bool:
    """Whether the installed Pillow averages as this file does; tried once on noise."""
    random = np.random.default_rng(6464)
    for height, width in SAMPLES:
        pixels = random.integers(0, 256, (height, width), dtype=np.uint8)
        expected = np.asarray(Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=1.0))
        plan = plan_cells(height, width)
        if plan is None or not np.array_equal(_run(plan, pixels)[0], expected):
            return False
    return True


@lru_cache(maxsize=PLANS_KEPT)
def plan_cells(height: int, width: int) -> Plan | None:
    """How a picture of this size becomes cells; None where Pillow must do it."""
    if min(height, width) < SIDE:
        return None
    box_rows, box_columns = height // SIDE, width // SIDE
    rows, columns = -(-height // box_rows), -(-width // box_columns)
    across, down = plan_box(columns, width / box_columns), plan_box(rows, height / box_rows)
    return Plan(box_rows, box_columns, across, down, is_vertical_first((rows, columns), (SIDE, SIDE)))


def plan_box(num_inputs: int, extent: float) -> Taps:
    """How 64 outputs are averaged from the first *extent* of *num_inputs*, at least 64.

    Follows precompute_coeffs of Resample.c operation by operation, with its box filter, which weighs 1 over
    (-0.5, 0.5]: whether an input at the edge counts is the rounding of the same few double operations.
    """
    scale = float(np.float32(extent)) / SIDE  # boxes come to it in single precision
    centers = (np.arange(SIDE) + 0.5) * scale
    support = 0.5 * scale
    edges = np.stack([centers - support + 0.5, centers + support + 0.5])
    starts = np.maximum(edges[0].astype(np.int64), 0)
    ends = np.minimum(edges[1].astype(np.int64), num_inputs)
    inputs = starts[:, None] + np.arange(int((ends - starts).max()))
    positions = (inputs - centers[:, None] + 0.5) * (1.0 / scale)
    inside = (positions > -0.5) & (positions <= 0.5) & (inputs < ends[:, None])
    weights = inside * np.floor(WEIGHT_SCALE / inside.sum(axis=1, keepdims=True) + 0.5)
    return Taps(starts.astype(np.int32), (ends - starts).astype(np.int32), weights.astype(np.int32))
