"""How large an image may be before it is refused, so that a small file can't eat the machine."""

from __future__ import annotations

from dataclasses import dataclass

from lookalike.errors import SettingsError, TooManyBytes, TooManyPixels


@dataclass(frozen=True, slots=True)
class Limits:
    """What an image may cost; both are checked before anything is decoded.

    Attributes:
        max_pixels: width x height that the header announces. 200 million lets the 200-megapixel photos of current
            phones through and needs 0.8 GB while decoding, since Pillow keeps 4 bytes a pixel. A public server
            does well with 50 million (imgproxy's default).
        max_bytes: size of the file in bytes. 1 GiB holds the largest uncompressed picture within ``max_pixels``
            (200 million x 4 bytes) with its metadata; the file is read whole.
    """

    max_pixels: int = 200_000_000
    max_bytes: int = 1 << 30

    def __post_init__(self) -> None:
        for name, value in (("max_pixels", self.max_pixels), ("max_bytes", self.max_bytes)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise SettingsError(f"{name} must be a whole number of at least 1, {value!r} came")

    def check_pixels(self, width: int, height: int, label: str) -> None:
        """Raise TooManyPixels where *width* x *height* is above ``max_pixels``; *label* names the image."""
        if width * height > self.max_pixels:
            raise TooManyPixels(
                f"{label} has {width} x {height} = {width * height:,} pixels, the limit is {self.max_pixels:,}; "
                f"raise it with Limits(max_pixels={width * height}) if you trust the image and have the memory"
            )

    def check_bytes(self, size: int, label: str) -> None:
        """Raise TooManyBytes where *size* is above ``max_bytes``; *label* names the image."""
        if size > self.max_bytes:
            raise TooManyBytes(
                f"{label} has {size:,} bytes or more, the limit is {self.max_bytes:,}; "
                f"raise it with Limits(max_bytes=...) if you trust the image"
            )


DEFAULT_LIMITS = Limits()
