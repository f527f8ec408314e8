"""The short way for ordinary JPEGs: the luminance alone, straight out of libjpeg-turbo.

A JPEG stores its luminance by itself, and most fingerprints read nothing else. Taken as it is stored, neither the two
colour planes nor a detour through RGB cost anything. simplejpeg and Pillow both carry libjpeg-turbo and give the same
luminance at every scale, byte for byte (a test shows it); simplejpeg's way to it is a fifth shorter on small photos.

Ordinary means: one or three components of 8 bits, the three stored as luminance and colour differences, Huffman coded.
Everything else, and every file of which the decoder says anything at all, is Pillow's: so that what is refused, turned,
converted or filled in doesn't depend on the way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.images.jpeg_scans import MOST_SCANS, count_scans

_SIZED = frozenset({0xC0, 0xC1, 0xC2})  # baseline, extended and progressive, Huffman coded (T.81, table B.1)
_PROGRESSIVE = 0xC2
_START_OF_SCAN = 0xDA
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})  # TEM, restarts and the start of the image
_FRAMES = frozenset({*range(0xC0, 0xD0)}) - {0xC4, 0xC8, 0xCC}  # all kinds of frame; not tables
_LAST = frozenset({0xD9, _START_OF_SCAN})  # end of the image, start of a scan: what a frame must come before


@dataclass(frozen=True, slots=True)
class JpegHead:
    """What the segments before the first scan say.

    Attributes:
        width, height: pixels as stored.
        components: 1 or 3.
        has_metadata: there is EXIF, XMP, a colour profile or an index of several pictures, which Pillow reads.
    """

    width: int
    height: int
    components: int
    has_metadata: bool

    @property
    def mode(self) -> str:
        """What Pillow calls such a picture."""
        return "L" if self.components == 1 else "RGB"


def read_head(data: bytes) -> JpegHead | None:
    """The head of an ordinary JPEG; None where *data* is anything else."""
    at, end = 2, len(data) - 4
    jfif = has_metadata = False
    transform: int | None = None
    frame: bytes | None = None
    while at < end:
        if data[at] != 0xFF:
            return None
        kind = data[at + 1]
        if kind == 0xFF:  # padding
            at += 1
            continue
        if kind == _START_OF_SCAN and frame is not None:  # segments may come behind the frame too (T.81, B.2.4)
            return _read_frame(frame, jfif, transform, has_metadata)
        if kind in _WITHOUT_LENGTH or kind in _LAST:
            return None
        length = data[at + 2] << 8 | data[at + 3]
        if kind in _FRAMES:
            if kind not in _SIZED or frame is not None or (kind == _PROGRESSIVE and count_scans(data) > MOST_SCANS):
                return None
            frame = data[at + 4 : at + 2 + length]
        if kind == 0xE0:
            jfif = jfif or data[at + 4 : at + 9] == b"JFIF\x00"
        elif kind in {0xE1, 0xE2}:
            has_metadata = True
        elif kind == 0xEE and data[at + 4 : at + 9] == b"Adobe" and length >= 14:
            transform = data[at + 15]
        at += 2 + length
    return None


def _read_frame(frame: bytes, jfif: bool, transform: int | None, has_metadata: bool) -> JpegHead | None:
    """T.81, section B.2.2: precision, height, width, components, then three bytes for each of them."""
    if len(frame) < 6 or frame[0] != 8 or len(frame) != 6 + 3 * frame[5]:
        return None
    height, width, components = frame[1] << 8 | frame[2], frame[3] << 8 | frame[4], frame[5]
    if not height or not width:
        return None
    if components == 3:
        # libjpeg's rule for what three components are (jdapimin.c, default_decompress_parms), where it is beyond doubt
        stored_as_luminance = jfif or transform == 1 or (transform is None and frame[6::3] == b"\x01\x02\x03")
        if not stored_as_luminance:
            return None
    elif components != 1:
        return None
    return JpegHead(width, height, components, has_metadata)


def decode_luminance(data: bytes, head: JpegHead, factor: int) -> NDArray[np.uint8] | None:
    """The luminance as stored, uint8 (height, width), both sides divided by *factor* (1, 2, 4 or 8) and rounded up.

    None where the decoder has any complaint: the data ends early, is damaged or has stray bytes in it.
    """
    import simplejpeg

    width, height = -(-head.width // factor), -(-head.height // factor)
    try:
        plane: NDArray[np.uint8] = simplejpeg.decode_jpeg(
            data,
            "GRAY",
            fastdct=False,  # as Pillow: the exact transform
            fastupsample=False,
            min_height=height if factor > 1 else 0,
            min_width=width if factor > 1 else 0,
            strict=True,
        )
    except (ValueError, RuntimeError, OSError):
        return None
    return plane[:, :, 0] if plane.shape[:2] == (height, width) else None
