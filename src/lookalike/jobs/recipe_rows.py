"""One recipe's rows for an engine: from the index file beside the catalog, or from the catalog, which it is made from.

A catalog `shop.lookalike` has its index files in the folder `shop.lookalike-index`, one a recipe. They are caches: the
folder may be deleted at any time, and where it can't be written a search just takes longer.
"""

from __future__ import annotations

import contextlib
import os
import string
from typing import NamedTuple

import blake3
import numpy as np
from numpy.typing import NDArray

from lookalike.catalog import Store
from lookalike.errors import IndexFileError
from lookalike.model import Ids, Recipe
from lookalike.search import IndexRows, Words, pack_words, read_index, write_index

FOLDER_SUFFIX = "-index"
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
    except IndexFileError:  # it isn't there, is of an earlier state, or was damaged: whichever, it is made anew
        return make_recipe_rows(store, recipe, name)
    return RecipeRows(np.asarray(found.ids), found.words)


def make_recipe_rows(store: Store, recipe: Recipe, name: str) -> RecipeRows:
    """The rows out of the catalog, written to the index file *name* where that can be written."""
    owners, _, codes, token = store.codes(recipe)
    words = pack_words(codes, recipe.width_bits)
    with contextlib.suppress(OSError):  # a folder that is read-only or full: the catalog answers without it
        permissions = os.stat(store.path).st_mode & 0o666  # codes are as private as the catalog that they are from
        os.makedirs(os.path.dirname(name), mode=0o777 if permissions & 0o077 else 0o700, exist_ok=True)
        rows = IndexRows(recipe.width_bits, owners, words)
        write_index(name, rows, source=name_source(token, recipe), permissions=permissions)
    return RecipeRows(owners, words)


def index_path(catalog: str, recipe: Recipe) -> str:
    """The index file of *recipe* beside *catalog*; what a file name can't hold everywhere is written as %XX."""
    text = "".join(letter if letter in PLAIN else f"%{ord(letter):02X}" for letter in str(recipe))
    return os.path.join(f"{catalog}{FOLDER_SUFFIX}", f"{text}.idx")


def name_source(token: bytes, recipe: Recipe) -> bytes:
    """32 bytes for one state of the catalog and one recipe; other states, recipes or versions give others."""
    return blake3.blake3(token + f"{recipe} {recipe.version} {recipe.width_bits}".encode()).digest()
