"""A catalog that another machine serves, asked as `lookalike.Catalog` is: code moves by changing one line."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from types import ModuleType, TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from lookalike.errors import (
    CropError,
    ImageError,
    LookalikeError,
    NotInCatalog,
    RecipeError,
    SearchError,
    ServerError,
    TooManyBytes,
    UnsupportedFormat,
    WhereError,
)
from lookalike.fingerprints import RecipesLike, as_recipes, parse_recipe
from lookalike.images import FileContent, Limits, Source, as_crop, load_picture, read_bytes
from lookalike.jobs.end_search import Radius
from lookalike.jobs.read_query import AnyQuery, given_fingerprints, name_source
from lookalike.jobs.sample_pictures import SampledPicture
from lookalike.jobs.search_result import SearchResult
from lookalike.model import Crop, ImageId, Match, Reason, Recipe, Region
from lookalike.optional import import_extra

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
        asked = {name: value for name, value in (parameters or {}).items() if value is not None}
        headers = {} if body is None else {"Content-Type": media_type}
        try:
            response = self._client.request(method, path, params=asked, content=body, headers=headers)
            told = response.json() if response.status_code != 204 else {}
        except self.httpx.HTTPError as error:
            raise ServerError(f"the server can't be asked: {type(error).__name__}: {error}") from error
        except ValueError as error:
            raise ServerError(f"what answers there is no Lookalike server: {response.status_code}") from error
        if response.is_success and isinstance(told, dict):
            return told
        word = str(told.get("type", "")).rpartition(":")[2] if isinstance(told, dict) else ""
        detail = str(told.get("detail", "")) if isinstance(told, dict) else ""
        raise ERRORS.get(word, ServerError)(
            f"{detail or response.reason_phrase} (the server said {response.status_code})"
        )


def write_weights(weights: Mapping[str, float] | None) -> str | None:
    """*weights* as a server reads them: ``shape=0.7,colour=0.3``."""
    return None if weights is None else ",".join(f"{name}={weight}" for name, weight in weights.items())


def picture_bytes(source: Source) -> bytes:
    """The bytes of a file; pixels that never were in one are sent as PNG."""
    if isinstance(source, FileContent):
        return source.data
    if isinstance(source, str | os.PathLike):
        return read_bytes(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    if hasattr(source, "read") and not hasattr(source, "convert"):
        return bytes(source.read())
    buffer = io.BytesIO()
    load_picture(source, decode="full", limits=Limits()).image.save(buffer, "PNG")
    return buffer.getvalue()


def as_result(told: Mapping[str, Any]) -> SearchResult:
    """The first page of an answer, without its matches."""
    values = known_fields(SearchResult, told)
    values |= {"by": tuple(told["by"]), "marks": tuple(told["marks"]), "matches": ()}
    values["crop"] = None if told["crop"] is None else Crop(**told["crop"])
    return SearchResult(**values)


def as_match(told: Mapping[str, Any]) -> Match:
    """A match as it was before it became JSON; what a newer server tells besides is left out."""
    values = known_fields(Match, told)
    for name in ("paths", "marks"):
        values[name] = tuple(values.get(name, ()))
    values["region"] = as_region(told.get("region"))
    values["reasons"] = tuple(
        Reason(
            **{
                **known_fields(Reason, one),
                "region": as_region(one.get("region")),
                "query_region": as_region(one.get("query_region")),
            }
        )
        for one in told.get("reasons", ())
    )
    return Match(**values)


def as_region(told: Mapping[str, Any] | None) -> Region | None:
    return None if told is None else Region(**known_fields(Region, told))


def known_fields(kind: Any, told: Mapping[str, Any]) -> dict[str, Any]:
    """Those of *told* that *kind* has."""
    return {field.name: told[field.name] for field in fields(kind) if field.name in told}
