"""The sizes inside an icon file: its directory can't say more than 256 x 256, the pictures behind it can."""

from __future__ import annotations

from lookalike.images.limits import Limits

_PNG_START = b"\x89PNG\r\n\x1a\n"


def check_icon(data: bytes, limits: Limits, label: str) -> None:
    """Raise TooManyPixels where any picture in the icon file *data* announces more than the limit.

    The directory (6 bytes, then 16 an entry, the picture's offset in the last 4) leads to a PNG, whose size is at
    byte 16, or to a bitmap header, whose size is at byte 4 with the height counted twice.
    """
    for entry in range(int.from_bytes(data[4:6], "little")):
        row = data[6 + 16 * entry : 22 + 16 * entry]
        start = int.from_bytes(row[12:16], "little")
        head = data[start : start + 24]
        if len(row) < 16:
            break
        if head.startswith(_PNG_START):
            width, height = int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
        else:
            width, height = int.from_bytes(head[4:8], "little"), int.from_bytes(head[8:12], "little") // 2
        limits.check_pixels(width, height, label)
