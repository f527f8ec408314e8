"""The one way from an image to a Picture: every fingerprint starts here, whatever the image came as."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from lookalike.errors import CropError, ImageError, RecipeError, TooManyPixels
from lookalike.images.channels import flatten_channels
from lookalike.images.colour import convert_to_srgb, is_srgb
from lookalike.images.cropping import as_crop, check_crop, cut, describe_crop
from lookalike.images.faults import DECODER_FAULTS, explain_fault
from lookalike.images.formats import find_format, open_format
from lookalike.images.frames import count_frames
from lookalike.images.icons import check_icon
from lookalike.images.jpeg import JpegHead, decode_luminance, read_head
from lookalike.images.jpeg_scans import check_scans
from lookalike.images.limits import DEFAULT_LIMITS, Limits
from lookalike.images.orientation import read_orientation, turn_upright
from lookalike.images.pillow_guard import pillow_guarded, pillow_pixel_limit
from lookalike.images.raw_photos import DEVELOPED_NOTE, PREVIEW_NOTE, develop, find_preview
from lookalike.images.reduction import find_factor, reduce_picture
from lookalike.images.sources import FileContent, LoosePixels, Source, open_source
from lookalike.model import Crop, Decode, Picture, Prepare

Channels = Literal["rgb", "stored", "luminance"]
_DECODES, _PREPARES, _CHANNELS = (frozenset(get_args(words)) for words in (Decode, Prepare, Channels))


@dataclass(frozen=True, slots=True)
class _Decoded:
    """Pixels as the decoder gave them, not yet turned; *width* and *height* are those before it reduced anything."""

    image: Image.Image
    width: int
    height: int
    format: str
    frames: int
    turned: int = 1  # the orientation that the decoder has applied by itself
    reduced: int = 1  # the factor that the decoder has reduced both sides by
    notes: tuple[str, ...] = ()
    stored_mode: str | None = None  # of a JPEG left as it is stored: the mode it would have been given
    plane: NDArray[np.uint8] | None = None  # the pixels of *image*, which is a view of them


def load_picture(
    source: Source,
    *,
    decode: Decode = "reduced",
    prepare: Prepare = "lookalike",
    limits: Limits = DEFAULT_LIMITS,
    crop: Crop | None = None,
    channels: Channels = "rgb",
) -> Picture:
    """Decode an image and make it ready for fingerprints.

    Args:
        source: a path (str or PathLike), the bytes of a file, a binary file object, a PIL image, or a numpy array:
            uint8 (height, width), (height, width, 3) RGB or (height, width, 4) RGBA, uint16 or bool (height, width).
            Raw bytes are always content, never a path: for a path in bytes pass ``os.fsdecode(path)``, or
            ``read_bytes(path)``. None of them is changed; a file object is read from its beginning.
        decode: ``reduced`` divides both sides by the largest power of two that keeps the shorter one at 512 pixels or
            more; ``full`` keeps every pixel.
        prepare: ``lookalike`` takes the first frame, turns it upright, composites alpha on white, converts to sRGB and
            gives mode ``L`` or ``RGB``; ``imagehash`` gives the first frame as ``PIL.Image.open`` does.
        limits: what is refused before decoding.
        crop: keep only this rectangle of the upright picture, decoded as large as it needs; ``width`` and ``height``
            are then the crop's. Under ``prepare="imagehash"`` it counts pixels of the picture as stored.
        channels: what fingerprints will read of an ordinary JPEG under ``prepare="lookalike"``: ``luminance`` alone, in
            mode ``L``; or ``stored``, luminance and colour differences, in mode ``YCbCr``. Both have the same
            luminance, as the file stores it. ``rgb`` is for eyes. Other pictures are the same whatever is asked.

    All sources of the same pixels give the same Picture.image, with one exception: under ``decode="reduced"`` a JPEG
    whose shorter side has 1,024 pixels or more is reduced by its decoder, in the frequency domain, while pixels that
    were decoded before (an array, a PIL image already loaded) are averaged in boxes, as are all other formats. The two
    differ by a few levels. A PIL image that is open but not loaded is read again from its file and has no exception.
    Fingerprints of a JPEG's file read its luminance as stored, those of pixels decoded before read the luminance of
    their red, green and blue, which differs where a colour lay beyond RGB and was clipped: by less than 0.1 bit on
    average.

    Raises:
        ImageUnreadable, UnsupportedFormat, TooManyBytes, TooManyPixels, CutOff, Undecodable: all ImageError.
        CropError: the crop isn't a rectangle inside the picture.
        RecipeError: *decode* or *prepare* isn't one of the words above.
    """
    if decode not in _DECODES or prepare not in _PREPARES or channels not in _CHANNELS:
        raise RecipeError(
            f"decode={decode!r}, prepare={prepare!r}, channels={channels!r} came; decode is 'reduced' or 'full', "
            "prepare is 'lookalike' or 'imagehash', channels is 'rgb', 'stored' or 'luminance'"
        )
    whole_crop = None if crop is None else as_crop(crop)
    content = open_source(source, limits)
    if prepare != "lookalike":
        channels = "rgb"
    picture = _load_plain(content, decode, limits) if channels == "luminance" and crop is None else None
    if picture is not None:
        return picture
    with pillow_guarded() as heard:
        try:
            return _load(content, decode, prepare, limits, whole_crop, channels, heard)
        except Image.DecompressionBombError:
            heard.clear()
            return _load_beyond_pillow_limit(content, decode, prepare, limits, whole_crop, channels, heard)


def _load_plain(content: FileContent | LoosePixels, decode: Decode, limits: Limits) -> Picture | None:
    """The luminance of an ordinary JPEG without metadata, for which Pillow needn't be asked; None for others."""
    if not isinstance(content, FileContent) or not content.data.startswith(b"\xff\xd8\xff"):
        return None
    head = read_head(content.data)
    if head is None or head.has_metadata:
        return None
    limits.check_pixels(head.width, head.height, content.label)
    factor = _jpeg_factor(head.width, head.height, None) if decode == "reduced" else 1
    plane = decode_luminance(content.data, head, factor)
    if plane is None:
        return None
    if decode == "reduced" and find_factor(min(head.width, head.height)) > factor:  # beyond the decoder's own scales
        return _prepare(_from_plane(plane, head, factor), decode, "lookalike", None, [])
    return Picture.of_luminance(plane, head.width, head.height, file_format="JPEG", mode=head.mode, decode=decode)


def _load_beyond_pillow_limit(
    content: FileContent | LoosePixels,
    decode: Decode,
    prepare: Prepare,
    limits: Limits,
    crop: Crop | None,
    channels: Channels,
    heard: list[str],
) -> Picture:
    try:
        with pillow_pixel_limit(limits.max_pixels):
            return _load(content, decode, prepare, limits, crop, channels, heard)
    except Image.DecompressionBombError as error:
        raise TooManyPixels(
            f"{content.label} needs more than the limit of {limits.max_pixels:,} pixels ({error}); "
            "raise it with Limits(max_pixels=...) if you trust the image and have the memory"
        ) from error


def _load(
    content: FileContent | LoosePixels,
    decode: Decode,
    prepare: Prepare,
    limits: Limits,
    crop: Crop | None,
    channels: Channels,
    heard: list[str],
) -> Picture:
    data, name = b"", "an image"
    try:
        if isinstance(content, FileContent):
            data, name = content.data, find_format(content.data, content.label)
            stored = _decode_stored(content, name, decode, limits, crop, channels)
            decoded = stored or _decode_file(content, name, decode, limits, crop)
        else:
            decoded = _take_pixels(content)
        return _prepare(decoded, decode, prepare, crop, heard)
    except (ImageError, CropError, Image.DecompressionBombError):
        raise
    except DECODER_FAULTS as error:
        raise explain_fault(error, data, name, content.label) from error


def _decode_file(content: FileContent, name: str, decode: Decode, limits: Limits, crop: Crop | None) -> _Decoded:
    data, label = content.data, content.label
    if name == "RAW":
        return _decode_raw(content, decode, limits, crop)
    if name == "ICO":
        check_icon(data, limits, label)
    image = open_format(data, name, label)
    limits.check_pixels(image.width, image.height, label)
    if name == "JPEG" and "progressive" in image.info:
        check_scans(data, label)
    width, height = image.size
    frames = count_frames(image, data)
    # Pillow turns a TIFF upright while loading it and forgets the tag, libjxl a JPEG XL; others still have to be.
    turned = read_orientation(image)[0] if name == "TIFF" else getattr(image, "orientation", 1)
    reduced = _draft(image, crop) if decode == "reduced" else 1
    image.load()
    if reduced == 1:
        width, height = image.size  # icons, HEIF and turned TIFFs know their size only now
        limits.check_pixels(width, height, label)
    return _Decoded(image, width, height, image.format or name, frames, turned, reduced)


def _decode_raw(content: FileContent, decode: Decode, limits: Limits, crop: Crop | None) -> _Decoded:
    """The preview inside a raw photo, or what a raw decoder makes of it."""
    found = find_preview(content.data, content.label) or develop(content.data, limits, content.label)
    if isinstance(found, Image.Image):
        return _Decoded(found, found.width, found.height, "RAW", frames=1, notes=(DEVELOPED_NOTE,))
    inside = _decode_file(FileContent(found, content.label), "JPEG", decode, limits, crop)
    return replace(inside, format="RAW", frames=1, notes=(PREVIEW_NOTE,))


def _decode_stored(
    content: FileContent, name: str, decode: Decode, limits: Limits, crop: Crop | None, channels: Channels
) -> _Decoded | None:
    """An ordinary JPEG as it is stored, undone neither to RGB nor back to grey; None for anything else."""
    head = read_head(content.data) if name == "JPEG" and channels != "rgb" else None
    if head is None:
        return None
    limits.check_pixels(head.width, head.height, content.label)
    factor = _jpeg_factor(head.width, head.height, crop) if decode == "reduced" else 1
    file = open_format(content.data, name, content.label) if head.has_metadata else None
    if file is not None and (file.format != "JPEG" or not is_srgb(file.info.get("icc_profile"), file.mode)):
        return None
    plane = decode_luminance(content.data, head, factor) if channels == "luminance" or head.components == 1 else None
    if plane is not None:
        decoded = _from_plane(plane, head, factor)
        decoded.image.info = {} if file is None else file.info
        return decoded
    image = file or open_format(content.data, name, content.label)
    image.draft("L" if channels == "luminance" else "YCbCr", (head.width // factor, head.height // factor))
    image.load()
    return _Decoded(image, head.width, head.height, name, 1, reduced=factor, stored_mode=head.mode)


def _from_plane(plane: NDArray[np.uint8], head: JpegHead, factor: int) -> _Decoded:
    image = Image.frombuffer("L", plane.shape[::-1], plane, "raw", "L", 0, 1)
    return _Decoded(image, head.width, head.height, "JPEG", 1, reduced=factor, stored_mode=head.mode, plane=plane)


def _draft(image: ImageFile.ImageFile, crop: Crop | None) -> int:
    """Ask a JPEG decoder for a smaller picture: it then skips most of its arithmetic. The factor it will reduce by."""
    factor = _jpeg_factor(image.width, image.height, crop)
    if factor == 1 or image.format not in {"JPEG", "MPO"}:
        return 1
    drafted = image.draft(None, (image.width // factor, image.height // factor))
    return 1 if drafted is None else factor


def _jpeg_factor(width: int, height: int, crop: Crop | None) -> int:
    return min(8, _find_factor(width, height, crop))  # libjpeg's scales are 1/1, 1/2, 1/4 and 1/8


def _take_pixels(content: LoosePixels) -> _Decoded:
    # Reading metadata or a palette's alpha writes to the object, and the caller's may still be waiting to be decoded.
    image = content.image.copy() if content.format == "image" else content.image
    return _Decoded(image, image.width, image.height, content.format, frames=1)


def _prepare(decoded: _Decoded, decode: Decode, prepare: Prepare, crop: Crop | None, heard: list[str]) -> Picture:
    image, width, height, mode = decoded.image, decoded.width, decoded.height, decoded.stored_mode or decoded.image.mode
    profile = image.info.get("icc_profile")
    orientation = decoded.turned
    notes = list(decoded.notes)
    if prepare == "lookalike":
        left, odd = read_orientation(image)
        if decoded.stored_mode is None:
            image, channel_notes = flatten_channels(image, decoded.format)
            notes += channel_notes
        notes += [odd] if odd else []
        image = turn_upright(image, left)
        if left >= 5:
            width, height = height, width
        orientation = left if left != 1 else orientation
    factor = _find_factor(width, height, crop) if decode == "reduced" else 1
    if crop is not None:
        crop = check_crop(crop, width, height)
        image = cut(image, crop, width, height)
        width, height = crop.width, crop.height
        notes.append(describe_crop(crop))
    image = reduce_picture(image, factor // decoded.reduced)
    if prepare == "lookalike":
        if decoded.stored_mode is None:
            image, colour_notes = convert_to_srgb(image, profile)
            notes += colour_notes
        if isinstance(image, ImageFile.ImageFile) and decoded.stored_mode is None:
            image = image.copy()  # a plain image, which lets go of the file's bytes and of tags that TIFF would save
        # What the metadata said has been done; left behind, a copy that is saved would say it again, and where it
        # was taken.
        image.info = {}
    notes += [f"decoder: {' '.join(said.split())[:120]}" for said in dict.fromkeys(heard)][:8]
    return Picture(
        image=image,
        width=width,
        height=height,
        format=decoded.format,
        mode=mode,
        frames=decoded.frames,
        orientation=orientation,
        decode=decode,
        prepare=prepare,
        notes=tuple(notes),
        pixels=decoded.plane if image is decoded.image else None,
    )


def _find_factor(width: int, height: int, crop: Crop | None) -> int:
    shorter = min(width, height)
    if crop is not None:
        shorter = min(shorter, crop.width, crop.height)
    return find_factor(shorter)
