"""Colours as the picture's ICC profile means them, converted to sRGB.

The same photo saved in AdobeRGB or Display P3 holds other numbers; compared without conversion, copies look different.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from itertools import product

import numpy as np
from PIL import Image, ImageCms

from lookalike.images.faults import DECODER_FAULTS

_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK", "LAB": "Lab"}
# Press profiles, the largest in use, have up to 3 MB; larger ones are not worth the memory of the cache.
_MAX_PROFILE_BYTES = 4 << 20
# A profile that moves no colour by more than one level of 255 is sRGB written by other hands (ICC rounding).
_SAME_LEVELS = 1

_Transform = Callable[[Image.Image], Image.Image]

CONVERTED_NOTE = "ICC profile converted to sRGB"


def convert_to_srgb(image: Image.Image, profile: object) -> tuple[Image.Image, list[str]]:
    """*image*, of mode ``L``, ``RGB``, ``CMYK`` or ``LAB``, as sRGB in mode ``L`` or ``RGB``, and notes.

    *profile* is what Pillow found as the embedded profile: bytes, or anything empty. Without a profile grey and RGB
    are sRGB already, CMYK is converted by Pillow's formula, LAB by its definition.
    """
    notes: list[str] = []
    if (
        isinstance(profile, bytes) and profile and image.mode != "LAB"
    ):  # LAB is a definite colour, whatever else is said
        transform, note = _find_transform(profile, image.mode)
        if note:
            notes.append(note)
        if transform is not None:
            return transform(image), notes
    return (image if image.mode in {"L", "RGB"} else image.convert("RGB")), notes


def is_srgb(profile: object, mode: str) -> bool:
    """Whether pictures of *mode* with this embedded *profile* are left as they are, without a note."""
    if not isinstance(profile, bytes) or not profile:
        return True
    return _find_transform(profile, mode) == (None, None)


def _find_transform(profile: bytes, mode: str) -> tuple[_Transform | None, str | None]:
    """The transform to apply to pictures of *mode*, None where they can stay, and the note to leave."""
    if len(profile) > _MAX_PROFILE_BYTES:
        return None, f"ICC profile of {len(profile):,} bytes ignored: too large"
    return _build_transform(profile, mode)


@lru_cache(maxsize=32)
def _build_transform(profile: bytes, mode: str) -> tuple[_Transform | None, str | None]:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if space != _SPACES[mode]:
            return None, f"ICC profile ignored: made for {space}, not for {_SPACES[mode]}"
        transform = ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            # The conversion that image editors do by default
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            # Precalculated tables are too coarse for the dark levels of grey, whose 256 values need none
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION | (ImageCms.Flags.NOOPTIMIZE if mode == "L" else 0),
        )
        if mode != "CMYK" and _keeps_colours(transform, mode):
            return None, None
        if mode == "L":
            levels = transform.apply(Image.frombytes("L", (256, 1), bytes(range(256)))).convert("L").tobytes()
            return (lambda image: image.point(levels)), CONVERTED_NOTE
    except DECODER_FAULTS:
        return None, "ICC profile ignored: unusable"
    return transform.apply, CONVERTED_NOTE


def _keeps_colours(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    steps = range(0, 256, 15)  # 18 levels from 0 to 255, 5,832 colours
    colours = list(product(steps, repeat=3)) if mode == "RGB" else [(level,) for level in range(256)]
    lattice = Image.frombytes(mode, (len(colours), 1), bytes(value for colour in colours for value in colour))
    before = np.asarray(lattice.convert("RGB"), dtype=np.int16)
    after = np.asarray(transform.apply(lattice), dtype=np.int16)
    return bool(np.abs(after - before).max() <= _SAME_LEVELS)
