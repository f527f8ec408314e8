"""Questions about likeness: search, alternatives, votes, comparisons. Plain values in, the jobs' records out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol

from lookalike.assembly import Catalog
from lookalike.errors import CropError
from lookalike.fingerprints import as_recipes, fingerprint_from_hex
from lookalike.images import Source
from lookalike.jobs.end_search import Radius
from lookalike.jobs.locate_image import OwnFile, locate_image
from lookalike.jobs.page_matches import page_matches
from lookalike.jobs.price_rows import MOST_LOOKED_AT, PriceRows, price_rows
from lookalike.jobs.read_query import AnyQuery, MakeFingerprints
from lookalike.jobs.search_result import SearchResult
from lookalike.jobs.vote_attributes import Vote, vote_attributes
from lookalike.model import Crop, ImageId
from lookalike.web.problems import Problem
from lookalike.web.service import Service
from lookalike.web.subjects import Subject
from lookalike.web.uploads import Uploads


class Searchable(Protocol):
    """What a search needs of a server."""

    uploads: Uploads

    def catalog(self) -> AbstractContextManager[Catalog]:
        """A catalog that no other thread uses meanwhile."""

    def reader(self, own: Callable[[], OwnFile] | None) -> MakeFingerprints:
        """What reads a search's source; *own* finds the file of a catalog's image."""


@dataclass(frozen=True, slots=True)
class Question:
    """How to search; see `Catalog.find` for the words."""

    k: int = 9
    by: str | None = None
    crop: Crop | None = None
    where: str | None = None
    radius_bits: Radius = None
    with_self: bool = False
    cursor: str | None = None
    fusion: str = "sum"
    turned: bool = False
    weights: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of matches, and the cursor of the next one."""

    result: SearchResult
    following: str | None
    sizes: dict[int, tuple[int, int]]  # upright pixels of each match, by id


def search(service: Searchable, subject: Subject, question: Question) -> Page:
    """The pictures that look most like *subject*, which isn't among them unless *with_self* is set.

    Raises:
        LookalikeError: of many kinds; `problems.as_problem` translates them.
    """
    query = as_query(service, subject, question)
    with service.catalog() as catalog:
        image, store = subject.id, catalog.store
        catalog.make_fingerprints = service.reader(None if image is None else lambda: locate_image(store, image)[1])

        def find(k: int) -> SearchResult:
            return catalog.find(
                query,
                k=k,
                by=question.by,
                crop=question.crop,
                where=question.where,
                with_self=question.with_self,
                radius_bits=question.radius_bits,
                fusion=question.fusion,  # type: ignore[arg-type]  # checked by the job
                turned=question.turned,
                weights=question.weights,
            )

        result, following = page_matches(find, question.k, cursor=question.cursor)
    return Page(result, following, result.sizes)


def as_query(service: Searchable, subject: Subject, question: Question) -> AnyQuery:
    """*subject* as `Catalog.find` takes it."""
    if subject.id is not None:
        return ImageId(subject.id)
    if subject.upload is not None:
        return service.uploads.get(subject.upload).data
    if subject.data is not None:
        return subject.data
    if subject.hex is None:
        raise Problem("bad-parameter", "no picture is named: pass id, upload or hex, or send a picture")
    if question.crop is not None:
        raise CropError("a fingerprint came with a crop: crops are cut out of pictures; ask with the picture")
    if question.by is None:
        raise Problem("bad-parameter", "hex came without by: name the recipe that made it, such as by=whash")
    recipes = as_recipes(question.by)
    if len(recipes) != 1:
        raise Problem("bad-parameter", f"hex came with {len(recipes)} recipes in by: a fingerprint has one")
    return fingerprint_from_hex(recipes[0], subject.hex)


def alternatives(
    service: Service, subject: Subject, question: Question, attribute: str, value: float | None
) -> tuple[PriceRows, dict[int, tuple[int, int]]]:
    """Cheaper, similar and dearer pictures that look like *subject*; *value* stands for its own price."""
    own: object = value
    if value is None and subject.id is not None:
        with service.catalog() as catalog:
            own = catalog.store.content(subject.id).attributes.get(attribute)
    page = search(service, subject, wider(question, MOST_LOOKED_AT))
    return price_rows(page.result.matches, attribute, own, question.k), page.sizes


def vote(service: Service, subject: Subject, question: Question, attributes: Sequence[str] | None) -> list[Vote]:
    """What *subject* probably is, by the attributes of the *k* nearest."""
    return vote_attributes(search(service, subject, question).result.matches, attributes)


def wider(question: Question, k: int) -> Question:
    """The same question for *k* matches from the first on."""
    return replace(question, k=k, cursor=None)


def source_of(service: Service, subject: Subject) -> Source:
    """The bytes of an upload or of what came along."""
    if subject.upload is not None:
        return service.uploads.get(subject.upload).data
    assert subject.data is not None
    return subject.data
