"""JPEG XL: the header by our own reading, so that a bomb is refused undecoded; the pixels by libjxl (imagecodecs).

The header follows ISO/IEC 18181-1, annexes A (fields, least significant bit first) and D (image header), as far as the
size, the orientation and the colour encoding; the container ISO/IEC 18181-2.
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from lookalike.optional import import_extra

CODESTREAM = b"\xff\x0a"
CONTAINER = b"\x00\x00\x00\x0cJXL \r\n\x87\n"
# Far more than the fields read here take: 4,096 extra channels could come with names, and then say nothing of worth
_HEADER_BYTES = 65_536
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))  # width : height by the field `ratio`, from 1
_ALPHA, _SPOT_COLOUR, _COLOUR_FILTER = 0, 2, 5  # types of extra channels (table D.9)

# One choice of a U32: a value, and how many bits are added to it
_Choice = tuple[int, int]
_Choices = tuple[_Choice, _Choice, _Choice, _Choice]
_SIZE: _Choices = ((1, 9), (1, 13), (1, 18), (1, 30))
_ENUM: _Choices = ((0, 0), (1, 0), (2, 4), (18, 6))


class JpegXlHeader(NamedTuple):
    """What a codestream says before its first frame.

    Attributes:
        width, height: pixels as stored; ``orientation`` 5 to 8 swaps them for the viewer.
        animated: whether frames follow each other in time; how many isn't said up front.
        is_srgb: whether the colours are plain sRGB or grey of its tone curve.
    """

    width: int
    height: int
    orientation: int
    animated: bool
    is_srgb: bool


class _Bits:
    """The fields of a header, read one after another."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")
        self._left = len(data) * 8

    def take(self, count: int) -> int:
        if count > self._left:
            raise EOFError("the JPEG XL header is truncated")
        taken = self._value & ((1 << count) - 1)
        self._value >>= count
        self._left -= count
        return taken

    def flag(self) -> bool:
        return self.take(1) == 1

    def choose(self, choices: _Choices) -> int:
        value, more = choices[self.take(2)]
        return value + self.take(more)


def read_header(data: bytes) -> JpegXlHeader:
    """The header of the JPEG XL file or codestream *data*.

    Raises:
        EOFError: *data* ends within it. ValueError: no codestream.
    """
    codestream = _find_codestream(data)
    if not codestream.startswith(CODESTREAM):
        if len(codestream) < len(CODESTREAM):
            raise EOFError("the JPEG XL header is truncated")
        raise ValueError("a JPEG XL container without a codestream")
    bits = _Bits(codestream[2:])
    width, height = _read_size(bits)
    if bits.flag():  # all fields have their defaults
        return JpegXlHeader(width, height, 1, animated=False, is_srgb=True)
    orientation, animated = 1, False
    if bits.flag():
        orientation = 1 + bits.take(3)
        if bits.flag():
            _read_size(bits)  # the size that viewers are asked to show it at
        if bits.flag():
            _skip_preview_size(bits)
        animated = bits.flag()
        if animated:
            _skip_animation(bits)
    _skip_bit_depth(bits)
    bits.take(1)  # whether 16-bit buffers are enough
    for _ in range(bits.choose(((0, 0), (1, 0), (2, 4), (1, 12)))):
        _skip_extra_channel(bits)
    bits.take(1)  # whether the pixels are stored as XYB; libjxl gives them back in the space named next
    return JpegXlHeader(width, height, orientation, animated, _read_is_srgb(bits))


def _find_codestream(data: bytes) -> bytes:
    """The first bytes of the codestream: all of it, or in a container what its boxes ``jxlc`` or ``jxlp`` hold."""
    if not data.startswith(CONTAINER):
        return data[:_HEADER_BYTES]
    found, at = b"", 0
    while at + 8 <= len(data) and len(found) < _HEADER_BYTES:
        size, kind, start = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], at + 8
        if size == 1:
            size, start = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        end = len(data) if size == 0 else at + size
        if end < start:
            break
        if kind in {b"jxlc", b"jxlp"}:
            start += 4 if kind == b"jxlp" else 0  # a part begins with its number
            found += data[start : min(end, start + _HEADER_BYTES)]
        at = end
    return found[:_HEADER_BYTES]


def _read_size(bits: _Bits) -> tuple[int, int]:
    in_eights = bits.flag()
    height = 8 * (1 + bits.take(5)) if in_eights else bits.choose(_SIZE)
    ratio = bits.take(3)
    if ratio:
        across, down = _RATIOS[ratio - 1]
        return height * across // down, height
    return (8 * (1 + bits.take(5)) if in_eights else bits.choose(_SIZE)), height


def _skip_preview_size(bits: _Bits) -> None:
    choices: _Choices = ((16, 0), (32, 0), (1, 5), (33, 9)) if bits.flag() else ((1, 6), (65, 8), (321, 10), (1345, 12))
    bits.choose(choices)
    if not bits.take(3):
        bits.choose(choices)


def _skip_animation(bits: _Bits) -> None:
    bits.choose(((100, 0), (1000, 0), (1, 10), (1, 30)))  # ticks a second: numerator ...
    bits.choose(((1, 0), (1001, 0), (1, 8), (1, 10)))  # ... and denominator
    bits.choose(((0, 0), (0, 3), (0, 16), (0, 32)))  # loops
    bits.take(1)  # time codes


def _skip_bit_depth(bits: _Bits) -> None:
    if bits.flag():
        bits.choose(((32, 0), (16, 0), (24, 0), (1, 6)))
        bits.take(4)
    else:
        bits.choose(((8, 0), (10, 0), (12, 0), (1, 6)))


def _skip_extra_channel(bits: _Bits) -> None:
    if bits.flag():  # plain 8-bit alpha
        return
    kind = bits.choose(_ENUM)
    _skip_bit_depth(bits)
    bits.choose(((0, 0), (3, 0), (4, 0), (1, 3)))
    bits.take(8 * bits.choose(((0, 0), (0, 4), (16, 5), (48, 10))))  # its name
    if kind == _ALPHA:
        bits.take(1)
    elif kind == _SPOT_COLOUR:
        bits.take(4 * 16)
    elif kind == _COLOUR_FILTER:
        bits.choose(((1, 0), (0, 2), (3, 4), (19, 8)))


def _read_is_srgb(bits: _Bits) -> bool:
    """Whether the colour encoding (table E.1) is sRGB, or grey with its white point and tone curve."""
    if bits.flag():
        return True
    has_profile, space = bits.flag(), bits.choose(_ENUM)
    if has_profile or space not in {0, 1}:
        return False
    if bits.choose(_ENUM) != 1:  # white point D65
        return False
    if space == 0 and bits.choose(_ENUM) != 1:  # primaries of sRGB
        return False
    return not bits.flag() and bits.choose(_ENUM) == 13  # no gamma, the transfer function of sRGB


class JpegXlImageFile(ImageFile.ImageFile):
    """A JPEG XL picture as Pillow's own plugins give one: opened by its header, decoded when it is loaded.

    libjxl turns it upright. Of an animation it is the first frame.
    """

    format = "JXL"
    format_description = "JPEG XL"

    def _open(self) -> None:
        data = b"" if self.fp is None else self.fp.read()
        self._data: bytes | None = data
        header = read_header(data)
        upright = (header.height, header.width) if header.orientation >= 5 else (header.width, header.height)
        self._size = upright
        self._mode = "RGB"  # until it is decoded
        self.n_frames = 2 if header.animated else 1
        self.orientation = header.orientation
        self.is_srgb = header.is_srgb

    def load(self) -> Any:
        if self._data is not None:
            codec = import_extra("imagecodecs", extra="jxl")
            values = codec.jpegxl_decode(self._data, index=0, numthreads=1)
            pixels = Image.fromarray(values if values.dtype == np.uint8 else _as_8_bit(values))
            self._data = None
            if not self.is_srgb:
                # imagecodecs gives no profile to convert by; a note says what the fingerprint was made of
                warnings.warn("JPEG XL colours that aren't sRGB were taken as they are", stacklevel=1)
            self._size, self._mode, self.im = pixels.size, pixels.mode, pixels.im
        return super().load()


def _as_8_bit(values: NDArray[Any]) -> NDArray[np.uint8]:
    """The high byte of 16-bit values, which libjxl scales to all 16 bits; floats from 0 to 1, the others clipped."""
    levels: NDArray[Any]
    if values.dtype.kind == "f":
        levels = np.rint(np.clip(np.nan_to_num(values), 0, 1) * 255)
    else:
        levels = values >> (8 * (values.dtype.itemsize - 1))
    return levels.astype(np.uint8)
