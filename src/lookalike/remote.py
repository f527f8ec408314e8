"""A catalog that another machine serves, asked as `lookalike.Catalog` is: code moves by changing one line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from lookalike.errors import (
    CropError,
    ImageError,
    LookalikeError,
    NotInCatalog,
    NotServed,
    RecipeError,
    SearchError,
    ServerError,
    TooManyBytes,
    UnsupportedFormat,
    WhereError,
)
from lookalike.execution import Control
from lookalike.fingerprints import ALGORITHMS, RecipesLike, as_recipes, parse_recipe
from lookalike.images import Source, as_crop
from lookalike.jobs.compare_images import ComparedRecipe, Comparison, compare_images, name_both
from lookalike.jobs.end_search import Radius
from lookalike.jobs.index_progress import IndexProgress, IndexReport
from lookalike.jobs.read_query import AnyQuery, given_fingerprints, name_source
from lookalike.jobs.sample_pictures import SampledPicture
from lookalike.jobs.search_result import SearchResult
from lookalike.model import Crop, ImageId, Match, Recipe
from lookalike.optional import import_extra
from lookalike.remote_answers import as_match, as_result, known_fields, picture_bytes, write_weights
from lookalike.remote_runs import follow_run, read_events
from lookalike.remote_sheets import draw_remote_matches, draw_remote_sample, write_remote_report
from lookalike.settings import Settings

TIMEOUT_S = 60.0
PAGE = 200  # what a server gives at once

ERRORS: dict[str, type[LookalikeError]] = {
    "bad-crop": CropError,
    "bad-parameter": SearchError,
    "bad-recipe": RecipeError,
    "bad-where": WhereError,
    "not-found": NotInCatalog,
    "too-large": TooManyBytes,
    "unsupported-media-type": UnsupportedFormat,
    "unusable-picture": ImageError,
}
"""What a server's problems are here; all others are a `ServerError`."""

NOT_SERVED = frozenset(
    {
        "bench_engines",
        "chance",
        "chance_or_default",
        "default_ways",
        "evaluate_events",
        "find_planted_copies",
        "held_recipes",
        "label_events",
        "load_index",
        "prune",
        "store",
        "tour",
        "wanted_for_measuring",
        "wanted_recipes",
        "warm_up",
        "watch",
        "watch_events",
        "write_evaluation",
    }
)
"""What `Catalog` has and a server doesn't answer."""


class RemoteCatalog:
    """A catalog behind ``lookalike serve``. Paths in its answers are file names, unless the token is given.

    with lookalike.RemoteCatalog("http://pictures.example:8377") as catalog:
        for match in catalog.search("img-24.jpg", k=9, by="whash"):
            print(match.path, match.distance)
    """

    def __init__(self, address: str, *, token: str | None = None, timeout_s: float = TIMEOUT_S) -> None:
        """Ask the server at *address*; nothing is sent yet.

        Raises:
            MissingExtra: httpx isn't installed. ServerError: *address* is none.
        """
        if urlsplit(address).scheme not in {"http", "https"} or not urlsplit(address).hostname:
            raise ServerError(f"{address!r} is no address of a server: expected is such as http://127.0.0.1:8377")
        self.httpx: ModuleType = import_extra("httpx", extra="client")
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        self._client = self.httpx.Client(
            base_url=f"{address.rstrip('/')}/api/v1/", headers=headers, timeout=timeout_s, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __getattr__(self, name: str) -> Any:
        if name in NOT_SERVED:
            raise NotServed(f"a server doesn't answer {name}: open the catalog on its machine, by lookalike.Catalog")
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """The recipes that the catalog has fingerprints of, those with most contents first."""
        told = self._ask("GET", "recipes")["recipes"]
        return tuple(parse_recipe(one["recipe"]) for one in told if one["held"])

    def default_recipe(self) -> Recipe:
        """The recipe that decides where none is named."""
        for one in self._ask("GET", "recipes")["recipes"]:
            if one["default"]:
                return parse_recipe(one["recipe"])
        raise NotInCatalog("the server's catalog has no fingerprints yet: index a folder there first")

    def search(
        self,
        source: AnyQuery,
        *,
        k: int = 9,
        by: RecipesLike | None = None,
        crop: Crop | Sequence[int] | None = None,
        where: str | None = None,
        with_self: bool = False,
        radius_bits: Radius = None,
        fusion: str = "sum",
        turned: bool = False,
    ) -> list[Match]:
        """The *k* pictures that look most like *source*, nearest first; see `Catalog.find`."""
        found = self.find(
            source,
            k=k,
            by=by,
            crop=crop,
            where=where,
            with_self=with_self,
            radius_bits=radius_bits,
            fusion=fusion,
            turned=turned,
        )
        return list(found.matches)

    def find(
        self,
        source: AnyQuery,
        *,
        k: int = 9,
        by: RecipesLike | None = None,
        crop: Crop | Sequence[int] | None = None,
        where: str | None = None,
        with_self: bool = False,
        radius_bits: Radius = None,
        fusion: str = "sum",
        turned: bool = False,
        weights: Mapping[str, float] | None = None,
    ) -> SearchResult:
        """As `Catalog.find`. A path is one of this machine; its picture is sent, and never kept.

        Raises:
            As `Catalog.find`. ServerError: the server can't be reached, or refuses.
        """
        asked = self._asked(source, by, crop, where, with_self)
        asked |= {"radius": None if radius_bits is None else str(radius_bits), "fusion": fusion}
        asked |= {"turned": str(bool(turned)).lower(), "weights": write_weights(weights)}
        body = None if "id" in asked or "hex" in asked else picture_bytes(source)  # type: ignore[arg-type]  # a source
        found: SearchResult | None = None
        matches: list[Match] = []
        while found is None or asked.get("cursor"):
            asked["k"] = min(PAGE, k - len(matches)) if isinstance(k, int) and k > PAGE else k
            told = self._ask("GET", "search", asked) if body is None else self._ask("POST", "search", asked, body)
            matches += [as_match(one) for one in told["matches"]]
            found = as_result(told) if found is None else found
            asked["cursor"] = told["next"] if len(matches) < k else None
        name = name_source(source) if body is not None else found.query
        return replace(found, query=name, matches=tuple(matches))

    def _asked(
        self,
        source: AnyQuery,
        by: RecipesLike | None,
        crop: Crop | Sequence[int] | None,
        where: str | None,
        with_self: bool,
    ) -> dict[str, Any]:
        """The parameters of a search."""
        asked: dict[str, Any] = {"where": where, "with_self": str(with_self).lower()}
        if crop is not None:
            one = as_crop(crop)
            asked["crop"] = f"{one.x},{one.y},{one.width},{one.height}"
        if by is not None:
            asked["by"] = ",".join(map(str, as_recipes(by)))
        given = given_fingerprints(source)
        if len(given) > 1:
            raise SearchError("several fingerprints came: a server takes one; ask with the picture")
        if given:
            asked |= {"hex": given[0].hex, "by": str(given[0].recipe)}
        elif isinstance(source, ImageId):
            asked["id"] = source.id
        return asked

    def compare(
        self, first: Source | ImageId, second: Source | ImageId, *, by: RecipesLike | None = None
    ) -> Comparison:
        """The distance between two pictures, of the catalog (`ImageId`) or of this machine.

        Two of this machine stay here: `lookalike.compare`.

        Raises:
            NotInCatalog, ImageError, RecipeError: as `Catalog.compare`.
        """
        if not isinstance(first, ImageId) and not isinstance(second, ImageId):
            recipes = as_recipes(by if by is not None else tuple(ALGORITHMS))
            limits = Settings.from_environment().limits
            return compare_images(first, second, recipes, name_both(first, second), limits)
        a, b = (first, second) if isinstance(first, ImageId) else (second, first)
        assert isinstance(a, ImageId)
        asked = {"a": a.id, "by": None if by is None else ",".join(map(str, as_recipes(by)))}
        if isinstance(b, ImageId):
            told = self._ask("POST", "compare", {**asked, "b": b.id})
            names = [str(told["first"]), str(told["second"])]
        else:
            told = self._ask("POST", "compare", asked, picture_bytes(b))
            names = [str(told["first"]), name_source(b)]
        notes = [tuple(note.split(": ", 1)) for note in told["notes"]]
        known = {str(told["first"]): names[0], str(told["second"]): names[1]}
        rows = tuple(ComparedRecipe(**known_fields(ComparedRecipe, row)) for row in told["rows"])
        one, other = names if a is first else reversed(names)
        return Comparison(one, other, rows, tuple((known.get(name, name), words) for name, words in notes))

    def index(
        self,
        folders: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
        *,
        progress: Callable[[IndexProgress], None] | None = None,
        control: Control | None = None,
        **own: Any,
    ) -> IndexReport:
        """Have the server bring its catalog up to date, and call *progress* meanwhile. Needs the token.

        Args:
            folders: of the server's machine, inside those that its catalog knows; all of these by default.
            progress: called with each `IndexProgress`.
            control: whose ``stop`` ends the run; what it did is kept.
            own: what else `Catalog.index` takes belongs to the server's machine and is refused.

        Raises:
            NotServed: *own* has something. ServerError: a run is under way, or a folder isn't known there.
        """
        several = [folders] if isinstance(folders, str | os.PathLike) else list(folders)
        for event in self.index_events(several, control=control, **own):
            if isinstance(event, IndexReport):
                return event
            if progress is not None:
                progress(event)
        raise ServerError("the server ended the run's events without a report")

    def index_events(
        self, folders: Sequence[str | os.PathLike[str]] = (), *, control: Control | None = None, **own: Any
    ) -> Generator[IndexProgress | IndexReport]:
        """`index` as an iterator of progress, the report last; closing it early stops the run."""
        if given := sorted(name for name, value in own.items() if value not in (None, False)):
            raise NotServed(
                f"a server indexes by its own settings, {', '.join(given)} can't be sent: on its machine, use "
                "lookalike.Catalog or `lookalike index`"
            )
        content = json.dumps({"folders": [os.fsdecode(folder) for folder in folders]}).encode()
        job = str(self._ask("POST", "jobs/index", None, content, "application/json")["id"])
        over = asked = False
        try:
            with self._client.stream("GET", f"jobs/{job}/events") as response:
                for event in follow_run(read_events(response.iter_lines()), ERRORS):
                    over = isinstance(event, IndexReport)
                    yield event
                    if control is not None and control.stopped and not asked:
                        asked = True
                        self._ask("DELETE", f"jobs/{job}")
        except self.httpx.HTTPError as error:
            raise ServerError(f"the run can't be followed: {type(error).__name__}: {error}") from error
        except GeneratorExit:
            if not over:
                self._ask("DELETE", f"jobs/{job}")
            raise

    def draw_matches(self, source: Source | ImageId, result: SearchResult, sheet: str | os.PathLike[str]) -> list[Path]:
        """As `Catalog.draw_matches`: drawn on this machine, of small copies that the server sends."""
        return draw_remote_matches(self.small_copy, source, result, Path(sheet))

    def draw_sample(self, sample: Sequence[SampledPicture], sheet: str | os.PathLike[str]) -> list[Path]:
        """As `Catalog.draw_sample`, of small copies that the server sends."""
        return draw_remote_sample(self.small_copy, sample, Path(sheet), str(self._client.base_url.host))

    def write_report(self, source: Source | ImageId, result: SearchResult, page: str | os.PathLike[str]) -> None:
        """As `Catalog.write_report`, of small copies that the server sends."""
        write_remote_report(self.small_copy, source, result, Path(page))

    def small_copy(self, image: int, side: int = 640) -> bytes:
        """A small copy of an image (JPEG), upright, at most *side* pixels on its longer side."""
        return self._send("GET", f"images/{int(image)}/thumbnail", {"width": side}).content  # type: ignore[no-any-return]

    def sample(self, count: int = 81, *, seed: int = 0, where: str | None = None) -> list[SampledPicture]:
        """*count* random pictures, at most 200, the same for the same seed."""
        told = self._ask("GET", "sample", {"n": count, "seed": seed, "where": where})
        return [SampledPicture(one["id"], one["path"], one["attributes"]) for one in told["images"]]

    def facets(self, where: str | None = None) -> dict[str, Any]:
        """How the pictures that fit *where* spread over the values of their attributes, as the API has it."""
        return self._ask("GET", "facets", {"where": where})

    def image(self, image: int) -> dict[str, Any]:
        """What is known of an image, as the API has it."""
        return self._ask("GET", f"images/{int(image)}")

    def add(self, source: Source, *, name: str | None = None) -> int:
        """Add a picture to the server's folder and its catalog; the image's id. Needs the token."""
        return int(self._ask("POST", "images", {"name": name}, picture_bytes(source))["id"])

    def forget(self, image: int) -> None:
        """Let the catalog forget an image; its file stays. Needs the token."""
        self._ask("DELETE", f"images/{int(image)}")

    def change_attributes(self, image: int, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Set attributes of an image, None removes one; what it has then. Needs the token."""
        content = json.dumps(dict(changes)).encode()
        told = self._ask("PATCH", f"images/{int(image)}/attributes", None, content, "application/json")
        return dict(told["attributes"])

    def _ask(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        media_type: str = "application/octet-stream",
    ) -> dict[str, Any]:
        """The answer's JSON.

        Raises:
            LookalikeError: the problem that the server tells. ServerError: it can't be reached or isn't one of ours.
        """
        response = self._send(method, path, parameters, body, media_type)
        told = self._read_json(response) if response.status_code != 204 else {}
        if isinstance(told, dict):
            return told
        raise ServerError(f"what answers there is no Lookalike server: {response.status_code}")

    def _read_json(self, response: Any) -> Any:
        try:
            return response.json()
        except ValueError as error:
            raise ServerError(f"what answers there is no Lookalike server: {response.status_code}") from error

    def _send(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        media_type: str = "application/octet-stream",
    ) -> Any:
        """The answer, which is no problem."""
        asked = {name: value for name, value in (parameters or {}).items() if value is not None}
        headers = {} if body is None else {"Content-Type": media_type}
        try:
            response = self._client.request(method, path, params=asked, content=body, headers=headers)
        except self.httpx.HTTPError as error:
            raise ServerError(f"the server can't be asked: {type(error).__name__}: {error}") from error
        if response.is_success:
            return response
        told = self._read_json(response)
        word = str(told.get("type", "")).rpartition(":")[2] if isinstance(told, dict) else ""
        detail = str(told.get("detail", "")) if isinstance(told, dict) else ""
        raise ERRORS.get(word, ServerError)(
            f"{detail or response.reason_phrase} (the server said {response.status_code})"
        )
