"""What a worker does with one picture that a stranger sent, or that is to be shown: only there is it decoded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import LookalikeError, UnsupportedFormat
from lookalike.execution.trimming import Trimmer
from lookalike.fingerprints.views import Views
from lookalike.images import FileContent, Limits, find_format, load_picture
from lookalike.jobs.fingerprint_source import fingerprint_laid_source
from lookalike.jobs.locate_image import OwnFile, read_image
from lookalike.model import Crop, Decode, Fingerprint, Orientations, Picture, Recipe
from lookalike.rendering import ThumbnailFormat, encode_thumbnail

REDUCED_SIDE = 512  # the loader's reduced pictures have at least this many pixels on their shorter side


class PictureFacts(NamedTuple):
    """What is told of a picture besides its pixels; width and height are of the whole, upright."""

    width: int
    height: int
    format: str
    frames: int
    notes: tuple[str, ...]

    @classmethod
    def of(cls, picture: Picture) -> PictureFacts:
        return cls(picture.width, picture.height, picture.format, picture.frames, picture.notes)


class MakeFingerprintsOf(NamedTuple):
    """Fingerprints of a picture, or of its *crop*; with no recipes, just its facts.

    Of those that are *turned*, of the picture laid in all eight ways; then with its grey pixels too, to look for parts.
    """

    source: bytes | OwnFile
    recipes: tuple[Recipe, ...]
    crop: Crop | None = None
    turned: tuple[Recipe, ...] = ()


class MakeThumbnail(NamedTuple):
    """A small copy without metadata, *side* pixels at most on the longer side, of the picture or of its *crop*."""

    source: bytes | OwnFile
    side: int
    image_format: ThumbnailFormat
    crop: Crop | None = None


class MadeFingerprints(NamedTuple):
    """The answer to `MakeFingerprintsOf`.

    Attributes:
        laid: one a recipe, by what was done to the picture; ``identity`` alone unless all ways were asked for.
        grey: the luminance of the picture, reduced, uint8 (height, width), where all ways were asked for.
    """

    facts: PictureFacts
    laid: tuple[Orientations, ...]
    grey: NDArray[np.uint8] | None = None

    @property
    def fingerprints(self) -> tuple[Fingerprint, ...]:
        """Those of the picture as it is."""
        return tuple(one["identity"] for one in self.laid)

    @property
    def picture(self) -> Picture | None:
        """What there is of the picture: `grey`."""
        if self.grey is None:
            return None
        facts, grey = self.facts, np.ascontiguousarray(self.grey)
        return Picture.of_luminance(
            grey, facts.width, facts.height, file_format=facts.format, mode="L", decode="reduced"
        )


class MadeThumbnail(NamedTuple):
    """The answer to `MakeThumbnail`: a file's bytes, and its size in pixels."""

    data: bytes
    width: int
    height: int


Task: TypeAlias = MakeFingerprintsOf | MakeThumbnail
Answer: TypeAlias = MadeFingerprints | MadeThumbnail | LookalikeError


@dataclass(frozen=True, slots=True)
class ReadPictures:
    """A function over tasks that can be sent to a worker. An error of ours comes back as the answer.

    Attributes:
        stranger_limits: of pictures that come as bytes. formats: those of them that are opened at all.
        own_limits: of the catalog's own files.
        trimmer: gives back what large pictures took.
    """

    stranger_limits: Limits
    own_limits: Limits
    formats: frozenset[str]
    trimmer: Trimmer = field(default_factory=Trimmer)

    def __call__(self, task: Task) -> Answer:
        self.trimmer.before_work()
        try:
            return self.answer(task)
        except LookalikeError as error:
            return error
        finally:
            self.trimmer.after_work()

    def answer(self, task: Task) -> Answer:
        """The answer to *task*.

        Raises:
            LookalikeError: there is none.
        """
        content, limits = self.open(task.source)
        if isinstance(task, MakeThumbnail):
            return make_thumbnail(content, task, limits)
        return make_fingerprints(content, task, limits)

    def open(self, source: bytes | OwnFile) -> tuple[FileContent, Limits]:
        """The bytes to decode, and what is refused of them."""
        if isinstance(source, OwnFile):
            return FileContent(read_image(source, self.own_limits), "the file"), self.own_limits
        name = find_format(source, "the picture sent")
        if name not in self.formats:
            raise UnsupportedFormat(
                f"the picture sent is {name}; this server opens {', '.join(sorted(self.formats))}: send one of these"
            )
        return FileContent(source, "the picture sent"), self.stranger_limits


def make_fingerprints(content: FileContent, task: MakeFingerprintsOf, limits: Limits) -> MadeFingerprints:
    """The facts and fingerprints of the first frame."""
    if not task.recipes:
        picture = load_picture(content, limits=limits, crop=task.crop, channels="luminance")
        return MadeFingerprints(PictureFacts.of(picture), ())
    picture, laid = fingerprint_laid_source(content, task.recipes, limits, task.crop, task.turned, first_frame=True)
    return MadeFingerprints(PictureFacts.of(picture), laid, Views.of(picture).grey_pixels if task.turned else None)


def make_thumbnail(content: FileContent, task: MakeThumbnail, limits: Limits) -> MadeThumbnail:
    """Upright, in sRGB, without metadata."""
    decode: Decode = "reduced" if task.side <= REDUCED_SIDE else "full"
    picture = load_picture(content, decode=decode, limits=limits, crop=task.crop)
    return MadeThumbnail(*encode_thumbnail(picture.image, task.side, image_format=task.image_format))
