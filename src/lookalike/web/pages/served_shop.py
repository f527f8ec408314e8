"""The shop that the pages look into, over the server's service: the same answers as the API gives."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from lookalike.catalog import ContentRecord, Facet
from lookalike.errors import ImageGone, NotInCatalog
from lookalike.jobs.count_facets import count_facets
from lookalike.jobs.locate_image import OwnFile
from lookalike.model import Crop, Fingerprint, Match, Reason, Recipe
from lookalike.web import questions
from lookalike.web.pages.facets import MOST_VALUES
from lookalike.web.pages.question import LOOK
from lookalike.web.pages.shop import Found, Known, Likeness, Subject
from lookalike.web.service import Service
from lookalike.web.subjects import Subject as Named

MOST_FOUND: Final = 200
"""Cards that a page goes on to: further away nothing looks alike any more."""

COUNTED_S: Final = 30.0
"""How long counts of attributes are taken to hold: counting a million rows takes seconds."""


class ServedShop:
    """See `lookalike.web.pages.shop.Shop`. Any number of threads may call it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._counting = threading.Lock()
        self._counted: tuple[float, int, tuple[Facet, ...]] = (-COUNTED_S, 0, ())

    @property
    def max_bytes(self) -> int:
        return self.service.web.max_bytes

    @property
    def body_s(self) -> float:
        return self.service.web.body_s

    @property
    def keeps_s(self) -> float:
        return self.service.web.upload_ttl_s

    def _facets(self) -> tuple[int, tuple[Facet, ...]]:
        with self._counting:
            at, total, facets = self._counted
            if time.monotonic() - at >= COUNTED_S:
                with self.service.catalog() as catalog:
                    counted = count_facets(catalog.store, most_values=MOST_VALUES)
                total, facets = counted.total, counted.facets
                self._counted = (time.monotonic(), total, facets)
            return total, facets

    def count_pictures(self) -> int:
        return self._facets()[0]

    def attributes(self) -> Sequence[Facet]:
        return self._facets()[1]

    def sample(self, count: int, seed: int) -> Sequence[Known]:
        with self.service.catalog() as catalog, catalog.store.reading():
            drawn = catalog.sample(count, seed=seed) if count else []
            return [as_known(record) for record in catalog.store.contents([one.id for one in drawn])]

    def recipes(self) -> Sequence[str]:
        with self.service.catalog() as catalog:
            return [str(recipe) for recipe in catalog.recipes]

    def known(self, picture: int) -> Known:
        with self.service.catalog() as catalog:
            record = catalog.store.content(picture)
        if not record.files:
            raise NotInCatalog(f"image {picture} is in no folder any more")
        return as_known(record)

    def subject(self, picture: int | None, upload: str) -> Subject:
        if picture is not None:
            own = self.known(picture)
            return Subject(own.width, own.height, own)
        facts = self.service.uploads.get(upload).facts
        return Subject(facts.width, facts.height, None, upload)

    def take(self, content: bytes) -> str:
        return self.service.take_upload(content).token

    def search(
        self,
        subject: Subject,
        *,
        k: int,
        by: str = "",
        crop: Crop | None = None,
        where: str | None = None,
        shape: int | None = None,
        cursor: str = "",
    ) -> Found:
        weights = None
        if shape is not None and by in {"", LOOK} and LOOK in self.recipes():
            weights = {"shape": shape / 100, "colour": 1 - shape / 100}
        question = questions.Question(k, by or None, crop, where, cursor=cursor or None, weights=weights)
        page = self._ask(subject, question)
        result = page.result
        notes = [result.quality_note] if result.quality_note else []
        if result.outdated:
            notes.append(
                f"{result.outdated:,} pictures were passed over: their fingerprints are of an older version. "
                "Index their folders again."
            )
        return Found(
            matches=result.matches,
            sizes=page.sizes,
            by=result.by,
            widths=result.widths,
            cursor=page.following or "",
            notes=tuple(notes),
        )

    def compare(self, subject: Subject, picture: int, *, crop: Crop | None = None, by: str = "") -> Likeness:
        """What the search says where it finds the picture; and each other recipe's distance."""
        page = self._ask(subject, questions.Question(MOST_FOUND, by or None, crop))
        found = next((match for match in page.result.matches if match.id == picture), None)
        told = reasons_of(found, page.result.widths) if found else ()
        names = {reason.recipe for reason in told}
        others = [reason for reason in self._distances(subject, picture, crop) if reason.recipe not in names]
        if found is None:
            return Likeness(tuple(others))
        return Likeness((*told, *others), found.transform, found.region, found.expected, found.verdict)

    def _ask(self, subject: Subject, question: questions.Question) -> questions.Page:
        """The answer; parts are claimed of a picture of the catalog only where its pixels bear them out.

        By its id alone nothing would be decoded, and things of one kind, which have many parts in common, would be told
        as the same picture. A crop of all of it is read from its file, if that is still there.
        """
        known = subject.known
        if known is not None and question.crop is None and question.by is None and question.weights is None:
            with contextlib.suppress(ImageGone):
                whole = replace(question, crop=Crop(0, 0, known.width, known.height))
                return questions.search(self.service, named(subject), whole)
        return questions.search(self.service, named(subject), question)

    def _distances(self, subject: Subject, picture: int, crop: Crop | None) -> list[Reason]:
        """How far apart they are by every recipe that the catalog holds of the picture, nothing else considered."""
        with self.service.catalog() as catalog:
            recipes = catalog.recipes
            theirs = stored(catalog.store.fingerprint, picture, recipes)
            own = subject.known.id if subject.known and crop is None else None
            ours = stored(catalog.store.fingerprint, own, recipes) if own is not None else []
        if own is None:
            known = subject.known
            source: bytes | OwnFile = self._file(known) if known else self.service.uploads.get(subject.upload).data
            ours = list(self.service.fingerprints(source, tuple(one.recipe for one in theirs), crop).fingerprints)
        by_recipe = {one.recipe: one for one in ours}
        return [
            Reason(str(one.recipe), one.distance(by_recipe[one.recipe]), one.recipe.distance_bits)
            for one in theirs
            if one.recipe in by_recipe and not one.recipe.slots  # two parts alone are near in most pictures
        ]

    def picture_address(self, picture: int, side: int, crop: Crop | None = None) -> str:
        return f"/api/v1/images/{picture}/thumbnail?width={side}{cut(crop)}"

    def upload_address(self, upload: str, side: int, crop: Crop | None = None) -> str:
        return f"/api/v1/uploads/{upload}/thumbnail?width={side}{cut(crop)}"

    def _file(self, own: Known) -> OwnFile:
        return self.service.locate(own.id)[1]


def as_known(record: ContentRecord) -> Known:
    """A record of the catalog as the pages have it."""
    return Known(record.id, record.width, record.height, record.paths, record.attributes)


def named(subject: Subject) -> Named:
    """The subject as the server's questions have it."""
    return Named(id=subject.known.id) if subject.known is not None else Named(upload=subject.upload)


def reasons_of(match: Match, widths: Mapping[str, int]) -> tuple[Reason, ...]:
    """Why *match* was found; where nothing is told but distances, one reason each."""
    if match.reasons:
        return match.reasons
    return tuple(Reason(recipe, bits, widths.get(recipe, 0)) for recipe, bits in match.distances.items())


def stored(read: Callable[[int, Recipe], Fingerprint], picture: int, recipes: Sequence[Recipe]) -> list[Fingerprint]:
    """The fingerprints that the catalog holds of *picture*; some recipes may have been added since."""
    found = []
    for recipe in recipes:
        with contextlib.suppress(NotInCatalog):
            found.append(read(picture, recipe))
    return found


def cut(crop: Crop | None) -> str:
    """The crop as an address has it, behind others."""
    return "" if crop is None else f"&crop={crop.x},{crop.y},{crop.width},{crop.height}"
