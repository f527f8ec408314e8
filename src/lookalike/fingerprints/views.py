"""The views of one picture that several recipes share: its greyscale, its colour planes, its thumbnails."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.errors import Undecodable
from lookalike.fingerprints import _pixels
from lookalike.fingerprints.resampling import Pixels, resize_to_many
from lookalike.fingerprints.survey import Sight, survey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lookalike.model import Picture

Size = tuple[int, int]  # width, height, as Pillow has it


class Views:
    """What recipes read of one picture; everything is made once, on first use."""

    def __init__(self, image: Image.Image, whole_size: Size | None = None, grey_pixels: Pixels | None = None) -> None:
        """Of *image*; *whole_size* is the picture's (width, height) before it was reduced, where it was.

        *grey_pixels* are those of an image of mode ``L``, where somebody has them at hand.

        Attributes:
            size: (width, height) of the image. mode: its Pillow mode.
            sight: what the quality is judged by, where `prepare` came by it.
        """
        self.whole_size = whole_size or image.size
        self.size, self.mode = image.size, image.mode
        self.sight: Sight | None = None
        self._given: Image.Image | Picture = image
        self._grey_pixels = grey_pixels
        self._thumbnails: dict[Size, Pixels] = {}

    @classmethod
    def of(cls, picture: Picture) -> Views:
        """Of a picture, of whose pixels no PIL image is made before a recipe asks for one."""
        if picture.pixels is None:
            return cls(picture.image, (picture.width, picture.height))
        views = cls.__new__(cls)
        views.whole_size = picture.width, picture.height
        views.size, views.mode = picture.kept_size, "L"
        views.sight = None
        views._given = picture
        views._grey_pixels = views.grey_pixels = picture.pixels
        views._thumbnails = {}
        return views

    @cached_property
    def image(self) -> Image.Image:
        """The picture, without a colour that stands for transparency."""
        image = self._given if isinstance(self._given, Image.Image) else self._given.image
        if "transparency" in image.info:
            # Pillow warns about some transparency and sets it aside when converting; no pixel depends on it.
            image = image.copy()
            del image.info["transparency"]
        return image

    @cached_property
    def grey(self) -> Image.Image:
        """The picture in mode ``L``: as a JPEG stores its luminance where it came so, else as Pillow converts it.

        Raises:
            Undecodable: Pillow makes no greyscale of this mode.
        """
        if self.mode == "L":
            return self.image
        return self.image.getchannel("Y") if self.mode == "YCbCr" else self.converted("L")

    @cached_property
    def grey_pixels(self) -> Pixels:
        """uint8, shape (height, width)."""
        if self._grey_pixels is not None:
            return self._grey_pixels
        if self.mode == "YCbCr":
            return _pixels.first_channel(self.stored_pixels)
        return np.asarray(self.grey)

    @cached_property
    def stored_pixels(self) -> Pixels:
        """uint8, shape (height, width, 4): luminance, differences of blue and red, and a byte without meaning, of an
        image in mode ``YCbCr``.
        """
        width, height = self.size
        try:
            return _pixels.view_pixels(self.image.__arrow_c_array__()[1], height, width)
        except ValueError:  # Pillow keeps pictures above 16 MB in pieces
            pixels = np.zeros((height, width, 4), np.uint8)
            pixels[:, :, :3] = np.asarray(self.image)
            return pixels

    @cached_property
    def luminance(self) -> NDArray[np.float32]:
        """float32, shape (height, width), unrounded: 0.299 red + 0.587 green + 0.114 blue, 0 to 255.

        Raises:
            Undecodable: Pillow makes no colours of this mode.
        """
        if self.image.mode == "L":
            return self.grey_pixels.astype(np.float32)
        if self.image.mode == "YCbCr":
            return _pixels.stored_luminance(self.stored_pixels)
        colors = self.image if self.image.mode == "RGB" else self.converted("RGB")
        return np.asarray(colors.convert("F"))

    def converted(self, mode: str) -> Image.Image:
        """The picture in another Pillow *mode*.

        Raises:
            Undecodable: Pillow doesn't know this conversion.
        """
        try:
            return self.image.convert(mode)
        except ValueError as error:
            raise Undecodable(
                f"a picture of mode {self.image.mode} can't be turned into {mode}, which its fingerprint is made of: "
                "convert it to RGB first"
            ) from error

    def prepare(self, sizes: Iterable[Size]) -> None:
        """Make the thumbnails of all *sizes* in one go, which is cheaper than one after the other."""
        if self.sight is None:
            made = survey(self.grey_pixels, tuple(dict.fromkeys(sizes)))
            if made is not None:
                thumbnails, self.sight = made
                self._thumbnails |= thumbnails
                return
        missing = set(sizes) - self._thumbnails.keys()
        if missing:
            self._thumbnails |= resize_to_many(lambda: self.grey, self.grey_pixels, missing)

    def thumbnail(self, width: int, height: int) -> Pixels:
        """uint8, shape (height, width): equal to ``grey.resize((width, height), LANCZOS)`` of Pillow."""
        if (width, height) not in self._thumbnails:
            self.prepare([(width, height)])
        return self._thumbnails[width, height]
