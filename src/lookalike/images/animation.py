"""Pictures out of an animation, taken at even distances of its playing time.

Pages of a TIFF, the pictures of an MPO or HEIC and the sizes of an icon are no time: of those the first one counts.
"""

from __future__ import annotations

from PIL import Image, ImageFile

from lookalike.errors import ImageError, TooManyPixels, UnsupportedFormat
from lookalike.images.faults import DECODER_FAULTS, explain_fault
from lookalike.images.formats import find_format, open_format
from lookalike.images.frame_times import frames_at_middles, read_durations
from lookalike.images.frames import count_frames
from lookalike.images.limits import DEFAULT_LIMITS, Limits
from lookalike.images.load import load_picture
from lookalike.images.pillow_guard import pillow_guarded
from lookalike.images.sources import FileContent, Source, open_source
from lookalike.model import ANIMATION_FRAMES, Crop, Decode, Picture, Prepare

TIMED_FORMATS = frozenset({"GIF", "WEBP", "PNG", "AVIF", "JXL"})
# Stepping over a tiny frame takes 40 to 90 us (GIF, WebP, APNG, AVIF), about as long as decoding so many pixels of the
# fastest of them (120 million a second, GIF; APNG 25). So the pixel limit bounds the frames too: to 20,000, some 2 s.
_LEAST_FRAME_PIXELS = 10_000


def is_animation(picture: Picture) -> bool:
    """Whether the file of which *picture* is the first frame may hold more that follow in time."""
    return picture.frames > 1 and picture.format in TIMED_FORMATS


def load_frames(
    source: Source,
    *,
    decode: Decode = "reduced",
    prepare: Prepare = "lookalike",
    limits: Limits = DEFAULT_LIMITS,
    crop: Crop | None = None,
) -> tuple[Picture, ...]:
    """The frames shown at the middles of 8 equal parts of an animation's playing time; none where *source* is a still.

    A frame that is shown for several parts comes as often, as one object. The arguments are those of ``load_picture``,
    and each frame is prepared as it would be. Frames are decoded in order, each once; at most 8 are kept.

    Raises:
        TooManyPixels: the frames up to the last one taken have more pixels than ``limits.max_pixels`` together, each
            counted as 10,000 at least.
        UnsupportedFormat: a JPEG XL animation, whose times imagecodecs doesn't tell.
        ImageError, CropError: as ``load_picture``; CutOff also where a later frame is cut off.
    """
    content = open_source(source, limits)
    if not isinstance(content, FileContent):
        return ()
    data, label = content.data, content.label
    name = find_format(data, label)
    if name not in TIMED_FORMATS:
        return ()
    with pillow_guarded():
        try:
            with open_format(data, name, label) as image:
                limits.check_pixels(image.width, image.height, label)
                wanted = _choose_frames(image, data, name, label)
                if not wanted:
                    return ()
                _check_cost(image, max(wanted) + 1, limits, label)
                pictures = _step_through(image, frozenset(wanted), decode, prepare, limits, crop, label)
        except ImageError:
            raise
        except Image.DecompressionBombError as error:
            raise TooManyPixels(f"{label} has a frame of more pixels than Pillow's own limit: {error}") from error
        except DECODER_FAULTS as error:
            raise explain_fault(error, data, name, label) from error
    return tuple(pictures[index] for index in wanted)


def _choose_frames(image: ImageFile.ImageFile, data: bytes, name: str, label: str) -> tuple[int, ...]:
    frames = count_frames(image, data)
    # The picture that programs without animations show instead is not among what plays.
    skipped = int(bool(getattr(image, "default_image", False)))
    if frames - skipped < 2:
        return ()
    if name == "JXL":
        raise UnsupportedFormat(
            f"{label} is an animated JPEG XL picture; its frames can't be told apart in time. Save it as WebP, AVIF, "
            "APNG or GIF to have it compared with other animations"
        )
    durations = read_durations(data, name, frames - skipped)
    if len(durations) < 2:
        return ()
    chosen = frames_at_middles(durations, ANIMATION_FRAMES)
    return tuple(index + skipped for index in chosen)


def _check_cost(image: ImageFile.ImageFile, decoded: int, limits: Limits, label: str) -> None:
    cost = decoded * max(image.width * image.height, _LEAST_FRAME_PIXELS)
    if cost > limits.max_pixels:
        raise TooManyPixels(
            f"{label} is an animation of which {decoded:,} frames of {image.width} x {image.height} would have to be "
            f"decoded, which counts as {cost:,} pixels (at least {_LEAST_FRAME_PIXELS:,} a frame); the limit is "
            f"{limits.max_pixels:,}; raise it with Limits(max_pixels={cost}) if you trust the image and have the time"
        )


def _step_through(
    image: ImageFile.ImageFile,
    wanted: frozenset[int],
    decode: Decode,
    prepare: Prepare,
    limits: Limits,
    crop: Crop | None,
    label: str,
) -> dict[int, Picture]:
    pictures: dict[int, Picture] = {}
    for index in range(max(wanted) + 1):
        image.seek(index)
        limits.check_pixels(image.width, image.height, label)  # a GIF frame may reach beyond the first one's size
        if index in wanted:
            pictures[index] = load_picture(image.copy(), decode=decode, prepare=prepare, limits=limits, crop=crop)
    return pictures
