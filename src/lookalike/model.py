"""The words that every room uses: frozen, small, and free of behaviour that needs a machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import FingerprintError, RecipeMismatch

if TYPE_CHECKING:
    from PIL import Image

Decode = Literal["reduced", "full"]
Prepare = Literal["lookalike", "imagehash"]
Codes = NDArray[np.uint8]
Ids = NDArray[np.int64]
Distances = NDArray[np.uint16]
Transform = Literal["identity", "rotate-90", "rotate-180", "rotate-270", "mirror", "flip", "transpose", "transverse"]
"""The eight ways to lay a picture: rotations go counterclockwise, ``mirror`` swaps left and right, ``flip`` top and
bottom, ``transpose`` and ``transverse`` mirror in the main and the other diagonal, as PIL.Image.Transpose has them."""

Verdict = Literal["same picture", "edited copy", "similar look", "chance"]


ANIMATION_FRAMES = 8
"""Moments of an animation that its fingerprint is made of: a scene that lasts an eighth of the time is in it."""

SLOT_CODE_BYTES = 8
SLOT_PLACE_BYTES = 4
"""A slot of a code: bits that are compared, and a place that no distance counts; a place of zeros is an empty slot."""


class Record:
    """Pickles as its class and its fields: ten thousands of records cross process lines in an indexing run, and what
    dataclasses with slots do by themselves takes five times as long.
    """

    __slots__: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        return type(self), tuple(getattr(self, name) for name in type(self).__slots__)


@dataclass(frozen=True, slots=True)
class Recipe(Record):
    """How a fingerprint is made: the algorithm, its options, the pixel preparation, the version.

    ``str(recipe)`` is its text: ``whash``, ``phash:16``, ``whash:db4``, ``dhash@full,imagehash``. Make one with
    ``lookalike.fingerprints.parse_recipe``, which knows each algorithm's options and fills in ``width_bits``.

    Attributes:
        algorithm: the registry name, such as ``whash``.
        options: what differs from the algorithm's defaults, in canonical order, such as ``("db4",)`` or ``(16,)``.
        width_bits: the number of bits of each code.
        decode: ``reduced`` lets the decoder shrink the picture, ``full`` reads every pixel.
        prepare: ``lookalike`` turns the picture upright, flattens alpha and converts to sRGB; ``imagehash`` does none
            of it, so that the bits equal the imagehash package's.
        version: raised whenever the same picture would get other bits.
        frames: 1 for stills; ``ANIMATION_FRAMES`` where a code tells as many moments of an animation.
        slots: 0 for most; of ``parts`` how many small codes lie in each code, with where in the picture each is from.
    """

    algorithm: str
    options: tuple[int | str, ...]
    width_bits: int
    decode: Decode = "reduced"
    prepare: Prepare = "lookalike"
    version: int = 1
    frames: int = 1
    slots: int = 0

    def __str__(self) -> str:
        preparation: list[str] = [
            word for word, default in ((self.decode, "reduced"), (self.prepare, "lookalike")) if word != default
        ]
        preparation += [f"frames{self.frames}"] if self.frames > 1 else []
        text = ":".join([self.algorithm, *map(str, self.options)])
        return f"{text}@{','.join(preparation)}" if preparation else text

    @property
    def bytes_per_code(self) -> int:
        """Bytes that one code takes, padded with zero bits at the end."""
        return (self.width_bits + 7) // 8

    @property
    def distance_bits(self) -> int:
        """The most bits that can differ: those of a whole code, or of one slot's."""
        return SLOT_CODE_BYTES * 8 if self.slots else self.width_bits

    def prepared(self, *, decode: Decode | None = None, prepare: Prepare | None = None) -> Recipe:
        """The same algorithm over otherwise prepared pixels."""
        return replace(self, decode=decode or self.decode, prepare=prepare or self.prepare)


@dataclass(frozen=True, slots=True)
class Fingerprint(Record):
    """The bits that one recipe makes of one image.

    Attributes:
        recipe: how it was made.
        parts: the codes, ``recipe.bytes_per_code`` bytes each, first bit highest, padded with zero bits. One for most
            recipes, one a segment for ``crop_resistant``.
        quality: 0 (nothing to recognise) to 100.
        marks: what is odd about the picture: ``flat``, ``two-tone``.
    """

    recipe: Recipe
    parts: tuple[bytes, ...]
    quality: int = 100
    marks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.parts:
            raise FingerprintError(f"a {self.recipe} fingerprint needs at least one code, none came")
        for part in self.parts:
            if len(part) != self.recipe.bytes_per_code:
                raise FingerprintError(
                    f"a {self.recipe} code has {self.recipe.width_bits} bits in {self.recipe.bytes_per_code} bytes, "
                    f"{len(part)} bytes came"
                )

    @property
    def codes(self) -> Codes:
        """uint8, shape (number of parts, bytes_per_code)."""
        return np.frombuffer(b"".join(self.parts), dtype=np.uint8).reshape(len(self.parts), -1)

    @property
    def bits(self) -> NDArray[np.bool_]:
        """bool, shape (width_bits,), or (number of parts, width_bits) where there are several."""
        bits = np.unpackbits(self.codes, axis=1, count=self.recipe.width_bits).astype(np.bool_)
        return bits[0] if len(self.parts) == 1 else bits

    @property
    def hex(self) -> str:
        """The hex text that imagehash 4.3.2 prints of the same bits; parts are joined by commas."""
        digits = (self.recipe.width_bits + 3) // 4
        shift = self.recipe.bytes_per_code * 8 - self.recipe.width_bits
        return ",".join(f"{int.from_bytes(part, 'big') >> shift:0{digits}x}" for part in self.parts)

    @property
    def slots(self) -> Codes:
        """uint8, shape (filled slots, SLOT_CODE_BYTES + SLOT_PLACE_BYTES), of a recipe that has slots."""
        slots = self.codes.reshape(-1, SLOT_CODE_BYTES + SLOT_PLACE_BYTES)
        return slots[slots[:, SLOT_CODE_BYTES:].any(axis=1)]

    @property
    def compared(self) -> Codes:
        """uint8, shape (n, bytes): what distances are counted of: the codes, or those of the filled slots."""
        return self.slots[:, :SLOT_CODE_BYTES] if self.recipe.slots else self.codes

    def distance(self, other: Fingerprint) -> int:
        """How many bits differ; between fingerprints of several parts, the distance of the nearest two parts.

        Raises:
            RecipeMismatch: *other* was made by another recipe.
        """
        if self.recipe != other.recipe:
            raise RecipeMismatch(
                f"a {self.recipe} fingerprint can't be compared with a {other.recipe} one: "
                "make both with the same recipe"
            )
        differing = self.compared[:, None, :] ^ other.compared[None, :, :]
        bits = np.bitwise_count(differing).sum(axis=2, dtype=np.int64)
        return int(bits.min(initial=self.recipe.distance_bits))  # codes read from a text may have no filled slot


Orientations: TypeAlias = Mapping[Transform, Fingerprint]
"""A query's fingerprints of one recipe, by what was done to it. Animations have ``identity`` alone."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Decoded pixels, ready to be fingerprinted, and what was done on the way.

    Attributes:
        image: a loaded PIL image: ``RGB`` or ``L`` and upright, or just as decoded under ``prepare="imagehash"``. Of a
            picture that was made by `of_luminance` it is made when it is first asked for.
        width, height: pixels of the whole picture, upright, before any reduction.
        format: the file's format (``JPEG``), or ``array`` / ``image`` for pixels that came without a file.
        mode: the mode as decoded (``CMYK``, ``P``, ``I;16``).
        frames: how many frames the file holds; the first one is in ``image``.
        orientation: the EXIF orientation that was applied, 1 for none.
        notes: what was done besides, such as ``alpha composited on white``.
        pixels: uint8 (height, width) of an image in mode ``L``, where the decoder gave them so; None elsewhere.
    """

    image: Image.Image
    width: int
    height: int
    format: str
    mode: str
    frames: int = 1
    orientation: int = 1
    decode: Decode = "reduced"
    prepare: Prepare = "lookalike"
    notes: tuple[str, ...] = ()
    pixels: NDArray[np.uint8] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of_luminance(
        cls, pixels: NDArray[np.uint8], width: int, height: int, *, file_format: str, mode: str, decode: Decode
    ) -> Self:
        """A plain picture, uint8 (height, width), contiguous, of which nobody may ever want the PIL image.

        Making one, and taking it apart again, costs as much as a fingerprint.
        """
        picture = object.__new__(cls)
        put = object.__setattr__
        for name, value in zip(
            cls.__slots__[1:], (width, height, file_format, mode, 1, 1, decode, "lookalike", (), pixels), strict=True
        ):
            put(picture, name, value)
        return picture

    @property
    def kept_size(self) -> tuple[int, int]:
        """Width and height of ``image``."""
        if self.pixels is not None:
            return self.pixels.shape[1], self.pixels.shape[0]
        return self.image.size

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Image.Image:
            """What isn't there yet: the image of a picture of luminance."""
            if name != "image" or self.pixels is None:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            from PIL import Image

            height, width = self.pixels.shape
            image = Image.frombuffer("L", (width, height), self.pixels, "raw", "L", 0, 1)
            object.__setattr__(self, "image", image)
            return image


@dataclass(frozen=True, slots=True)
class Crop:
    """A rectangle in pixels of the upright picture."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ImageId:
    """An image of the catalog by its id (`Match.id`): what a search may start from in place of a file."""

    id: int


@dataclass(frozen=True, slots=True)
class Region:
    """A part of an upright picture, as fractions of its width and height: 0, 0, 1, 1 is all of it."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one recipe says that an image matches.

    Attributes:
        recipe: its text.
        distance: bits that differ. width_bits: of so many.
        transform: what has to be done to the query to lay it as the match lies.
        region: the part of the match that was found in the query; None for all of it.
        query_region: the part of the query, upright, in which it was found; None for all of it.
        expected: how many unrelated pictures of a catalog of this size are expected to be as near by chance; None
            where the catalog is too small to tell.
        verified: whether pixels were compared besides.
    """

    recipe: str
    distance: int
    width_bits: int
    transform: Transform = "identity"
    region: Region | None = None
    query_region: Region | None = None
    expected: float | None = None
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """An image found.

    Attributes:
        id: the content's id in the catalog.
        path: a file that holds it (one that satisfies the filter, where there is one).
        distance: bits that differ under the first recipe asked.
        distances: bits that differ under each recipe asked, by recipe text.
        score: what the ranking used, the sum of distance / width over the recipes; 0 is equal.
        attributes: what is known of that file.
        paths: every present file with the same content.
        quality: 0 to 100; below 20 the match says little.
        marks: ``flat``, ``two-tone``.
        transform: under which the best reason holds, see `Reason`.
        region: the part of this picture that was found in the query; None for all of it.
        expected: unrelated pictures expected to be as near by chance, all reasons together; None where unknown.
        verdict: the same in a plain word; None where unknown.
        reasons: one a recipe that found it, the strongest first.
    """

    id: int
    path: str
    distance: int
    distances: dict[str, int]
    score: float
    attributes: dict[str, Any] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    quality: int = 100
    marks: tuple[str, ...] = ()
    transform: Transform = "identity"
    region: Region | None = None
    expected: float | None = None
    verdict: Verdict | None = None
    reasons: tuple[Reason, ...] = ()
