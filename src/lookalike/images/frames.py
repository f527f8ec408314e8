"""How many frames a file holds, without decoding any of them.

Pillow counts the frames of a GIF and the pages of a TIFF by seeking through them, which parses each one's metadata;
walking from length to length gives the same number in a fraction of the time. The other formats say it up front.
"""

from __future__ import annotations

from typing import Literal

from PIL import ImageFile

from lookalike.images.frame_times import read_gif_delays


def count_frames(image: ImageFile.ImageFile, data: bytes) -> int:
    """Frames, pages or pictures in the file *data* that *image* was opened from; at least 1."""
    if image.format == "GIF":
        return max(1, sum(1 for _ in read_gif_delays(data)))
    if image.format == "TIFF":
        return max(1, _count_tiff(data))
    return max(1, int(getattr(image, "n_frames", 1)))


def _count_tiff(data: bytes) -> int:
    """Directories in the chain (TIFF 6.0, section 2; BigTIFF has 8-byte offsets and counts); a cycle ends it."""
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    big = data[2:4] in {b"\x2b\x00", b"\x00\x2b"}
    word, count_bytes, entry_bytes, at = (8, 8, 20, 8) if big else (4, 2, 12, 4)
    seen: set[int] = set()
    offset = int.from_bytes(data[at : at + word], order)
    while 0 < offset < len(data) and offset not in seen:
        seen.add(offset)
        entries = int.from_bytes(data[offset : offset + count_bytes], order)
        at = offset + count_bytes + entries * entry_bytes
        offset = int.from_bytes(data[at : at + word], order)
    return len(seen)
