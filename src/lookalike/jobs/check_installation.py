"""What ``doctor`` says: versions, what is missing and how to install it, and whether the catalog is sound."""

from __future__ import annotations

import importlib.util
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

from lookalike import __version__
from lookalike.catalog import Store
from lookalike.errors import CatalogError, CatalogNotFound, CatalogOutdated
from lookalike.jobs.held_recipes import held_recipes
from lookalike.search import kernel_level

State = Literal["ok", "missing", "problem"]

CORE = ("numpy", "pillow", "scipy", "PyWavelets", "apsw", "blake3", "click", "rich")
EXTRAS: Mapping[str, tuple[str, str]] = {
    "annoy": ("annoy", "the classic way's approximate engine"),
    "faiss": ("faiss", "FAISS's flat and graph engines"),
    "usearch": ("usearch", "the graph engine of usearch"),
    "sklearn": ("sklearn", "the BallTree engine"),
    "heif": ("pillow_heif", "HEIC photos"),
    "parquet": ("pyarrow", "attributes from Parquet files"),
    "watch": ("watchfiles", "index --watch is told of changes"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report. ``missing`` is an extra that may be installed, ``problem`` needs mending."""

    subject: str
    state: State
    words: str

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape."""
        return asdict(self)


def check_installation(catalog: os.PathLike[str]) -> list[Finding]:
    """Look at the installation and at the catalog; nothing is changed."""
    return [*check_packages(), *check_extras(), check_kernel(), *check_catalog(catalog)]


def check_packages() -> list[Finding]:
    """The versions of what Lookalike is built on."""
    findings = [Finding("Python", "ok", f"{platform.python_version()} on {platform.platform()}")]
    findings.append(Finding("lookalike", "ok", __version__))
    for package in CORE:
        try:
            findings.append(Finding(package, "ok", version(package)))
        except PackageNotFoundError:
            findings.append(
                Finding(package, "problem", "is not installed; install Lookalike anew: pip install lookalike")
            )
    return findings


def check_extras() -> list[Finding]:
    """Which extras are there, and how to install the others."""
    findings = []
    for extra, (module, purpose) in EXTRAS.items():
        there = importlib.util.find_spec(module) is not None
        words = purpose if there else f"{purpose}; install with: pip install 'lookalike[{extra}]'"
        findings.append(Finding(f"extra {extra}", "ok" if there else "missing", words))
    return findings


def check_kernel() -> Finding:
    """Which variant of the native kernel this processor runs."""
    try:
        return Finding("search kernel", "ok", kernel_level())
    except ValueError as error:  # LOOKALIKE_KERNEL names what this processor can't do
        return Finding("search kernel", "problem", str(error))


def check_catalog(path: os.PathLike[str]) -> list[Finding]:
    """Open the catalog for reading and check all of it."""
    subject = f"catalog {os.fspath(path)}"
    try:
        with Store.open(path, read_only=True) as store:
            problems = store.check().problems
            numbers = store.statistics()
            outdated = [one for one in held_recipes(store) if one.outdated] if not problems else []
    except CatalogNotFound:
        return [Finding(subject, "missing", "not made yet; lookalike index FOLDER makes it")]
    except CatalogOutdated:
        return [Finding(subject, "ok", "made by an older Lookalike; the next search or index brings it up to date")]
    except CatalogError as error:
        return [Finding(subject, "problem", str(error))]
    findings = [Finding(subject, "problem", problem) for problem in problems]
    recipes = ", ".join(f"{record.text} ({record.contents:,})" for record in numbers.recipes) or "no fingerprints"
    outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in numbers.outcomes.items() if count)
    if not findings:
        findings.append(Finding(subject, "ok", f"sound, {numbers.bytes:,} bytes, SQLite {numbers.sqlite_version}"))
    findings.append(
        Finding("in it", "ok", f"{numbers.present_contents:,} pictures; {recipes}; files: {outcomes or 'none'}")
    )
    findings += [
        Finding(
            f"recipe {one.recipe}",
            "missing",
            f"{one.outdated:,} pictures have it of an older version only and aren't found by it; this Lookalike makes "
            f"version {one.recipe.version}: index again: lookalike index FOLDER",
        )
        for one in outdated
    ]
    return findings
