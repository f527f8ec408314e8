"""Which way up a picture is, by its EXIF or XMP, and turning it upright."""

from __future__ import annotations

from PIL import ExifTags, Image

from lookalike.images.faults import DECODER_FAULTS

# EXIF 2.32, tag 0x0112: where the first row and column of the stored pixels belong in the scene.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Where Pillow's plugins put what getexif() reads; without any of them there is nothing to parse.
_METADATA = frozenset({"exif", "Raw profile type exif", "XML:com.adobe.xmp", "xmp"})


def read_orientation(image: Image.Image) -> tuple[int, str | None]:
    """The orientation 1 to 8 that *image* still has to be turned by, and a note where its metadata is broken."""
    if _METADATA.isdisjoint(image.info) and not hasattr(image, "tag_v2"):
        return 1, None
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except DECODER_FAULTS:
        return 1, "broken EXIF ignored"
    if isinstance(value, int) and 1 <= value <= 8:
        return value, None
    return 1, f"EXIF orientation {value!r:.20} ignored"


def turn_upright(image: Image.Image, orientation: int) -> Image.Image:
    """*image* turned so that its orientation is 1; the same object where it is already."""
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)
