"""One recipe's rows for an engine: from the index file beside the catalog, or from the catalog, which it is made from.

A catalog `shop.lookalike` has its index files in the folder `shop.lookalike-index`, one a recipe. They are caches: the
folder may be deleted at any time, and where it can't be written a search just takes longer.

A file follows the catalog: what has changed since is read from there and put in place in memory. The file itself is
written anew only once that is much; until then the catalog's own list of changes is all that is needed besides.
"""

from __future__ import annotations

import contextlib
import os
import string
from functools import lru_cache
from typing import NamedTuple

import blake3
import numpy as np
from numpy.typing import NDArray

from lookalike.catalog import CodesChanged, Store
from lookalike.errors import IndexFileError, IndexFileStale
from lookalike.model import Ids, Recipe
from lookalike.search import IndexRows, Words, pack_words, read_index, read_index_of, write_index

FOLDER_SUFFIX = "-index"

# Reading a content by its id takes some eight times as long as its share of reading all.
LARGEST_SHARE = 8

# Contents or states after which a file is written anew: following so many takes as long as writing a million rows.
MANY_CHANGED = 2000
MANY_STATES = 256

PLAIN = frozenset(string.ascii_letters + string.digits + "_.@,-")


class RecipeRows(NamedTuple):
    """Codes as an engine keeps them, and whose they are.

    Attributes:
        owners: int64 (n,): content ids, rising; a content with several codes comes several times.
        words: uint64 (n, words of a code).
    """

    owners: Ids
    words: Words

    @property
    def most_parts(self) -> int:
        """The most codes that one content has, at least 1."""
        begins = np.flatnonzero(np.append(True, self.owners[1:] != self.owners[:-1]))
        counts: NDArray[np.int64] = np.diff(np.append(begins, len(self.owners)))
        return int(counts.max(initial=1))


def load_recipe_rows(store: Store, recipe: Recipe) -> RecipeRows:
    """The rows of *recipe*, as they are in the catalog now."""
    name = index_path(store.path, recipe)
    try:
        found = read_index(name, width_bits=recipe.width_bits, source=name_source(store.state_token(), recipe))
    except IndexFileStale:
        followed = follow_changes(store, recipe, name)
        return make_recipe_rows(store, recipe, name) if followed is None else followed
    except IndexFileError:  # it isn't there or was damaged: whichever, it is made anew
        return make_recipe_rows(store, recipe, name)
    return RecipeRows(np.asarray(found.ids), found.words)


def follow_changes(store: Store, recipe: Recipe, name: str) -> RecipeRows | None:
    """The rows of the file *name* brought up to date; None where too much has changed, or the way to now is unknown."""
    states = store.remembered_states()
    try:
        place, found = read_index_of(
            name, [name_source(token, recipe) for token in states], width_bits=recipe.width_bits
        )
    except IndexFileError:
        return None
    changed = store.codes_changed(recipe, states[place], max(MANY_CHANGED, len(found.ids) // LARGEST_SHARE))
    if changed is None:
        return None
    rows = patch_rows(RecipeRows(np.asarray(found.ids), found.words), changed, recipe.width_bits)
    token = changed.now.token
    if len(changed.contents) > MANY_CHANGED or place > MANY_STATES:
        keep_recipe_rows(store, recipe, name, rows, token)
    return rows


def patch_rows(rows: RecipeRows, changed: CodesChanged, width_bits: int) -> RecipeRows:
    """*rows* with what *changed* put in its place; the rows that came stay as they are."""
    ids, _, codes, _ = changed.now
    left = ~_is_among(rows.owners, changed.contents)
    owners, words = rows.owners[left], rows.words[left]
    places = np.searchsorted(owners, ids)
    owners = np.insert(owners, places, ids)
    words = np.insert(words, places, pack_words(codes, width_bits), axis=0)
    return RecipeRows(owners, words)


def _is_among(owners: Ids, contents: Ids) -> NDArray[np.bool_]:
    """Which rows belong to *contents*; both rise. Few contents are looked up among many owners."""
    among = np.zeros(len(owners), np.bool_)
    begins, ends = (np.searchsorted(owners, contents, side=side) for side in ("left", "right"))
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        among[begin:end] = True
    return among


def make_recipe_rows(store: Store, recipe: Recipe, name: str) -> RecipeRows:
    """The rows out of the catalog, written to the index file *name* where that can be written."""
    owners, _, codes, token = store.codes(recipe)
    rows = RecipeRows(owners, pack_words(codes, recipe.width_bits))
    keep_recipe_rows(store, recipe, name, rows, token)
    return rows


def keep_recipe_rows(store: Store, recipe: Recipe, name: str, rows: RecipeRows, token: bytes) -> None:
    """Write *rows*, which are those of the state *token*, to the index file *name* where that can be written."""
    with contextlib.suppress(OSError):  # a folder that is read-only or full: the catalog answers without it
        permissions = os.stat(store.path).st_mode & 0o666  # codes are as private as the catalog that they are from
        os.makedirs(os.path.dirname(name), mode=0o777 if permissions & 0o077 else 0o700, exist_ok=True)
        content = IndexRows(recipe.width_bits, rows.owners, rows.words)
        write_index(name, content, source=name_source(token, recipe), permissions=permissions)


@lru_cache(maxsize=64)  # a server asks for the same few with every search
def index_path(catalog: str, recipe: Recipe) -> str:
    """The index file of *recipe* beside *catalog*."""
    return os.path.join(f"{catalog}{FOLDER_SUFFIX}", file_name(str(recipe)))


def file_name(text: str) -> str:
    """The name of a recipe's index file; what a file name can't hold everywhere is written as %XX."""
    return "".join(letter if letter in PLAIN else f"%{ord(letter):02X}" for letter in text) + ".idx"


def name_source(token: bytes, recipe: Recipe) -> bytes:
    """32 bytes for one state of the catalog and one recipe; other states, recipes or versions give others."""
    return source_of(token, str(recipe), recipe.version, recipe.width_bits)


def source_of(token: bytes, text: str, version: int, width_bits: int) -> bytes:
    """The same for a recipe as the catalog tells of it."""
    return blake3.blake3(token + f"{text} {version} {width_bits}".encode()).digest()
