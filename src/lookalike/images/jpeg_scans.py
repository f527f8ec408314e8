"""Progressive JPEGs with more scans than pictures have: each passes over the whole picture, and may take ten bytes.

20,000 empty scans in a file of 230 kB keep libjpeg-turbo busy for 27 s at 4,096 x 4,096 pixels, 1.4 ms a scan. Only
progressive scans can be empty: a baseline one spends bits on every block.
"""

from __future__ import annotations

from lookalike.errors import Undecodable

# Encoders write 6 to 14 scans. libjpeg-turbo's own fuzzers stop at 500, which is 8 s at the pixel limit.
MOST_SCANS = 500
_START_OF_SCAN = (
    b"\xff\xda"  # within the entropy-coded data a 0xFF is followed by 0x00 or a restart mark (T.81, B.1.1.5)
)


def count_scans(data: bytes) -> int:
    """How many scans the JPEG *data* has, those of its embedded thumbnail counted too; 1 ms a megabyte."""
    return data.count(_START_OF_SCAN)


def check_scans(data: bytes, label: str) -> None:
    """Raise Undecodable where the progressive JPEG *data* has more than ``MOST_SCANS``."""
    scans = count_scans(data)
    if scans > MOST_SCANS:
        raise Undecodable(
            f"{label} is a progressive JPEG of {scans:,} scans, at most {MOST_SCANS} are decoded: made to keep "
            "decoders busy; save it anew if you trust it"
        )
