"""Options that several algorithms share, read from the words of a recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lookalike.errors import RecipeError

if TYPE_CHECKING:
    from collections.abc import Sequence

HASH_SIZE = 8  # the default of every hash in imagehash 4.3.2: 8 x 8 = 64 bits
SMALLEST_HASH_SIZE = 2  # imagehash 4.3.2 refuses less: one bit of one pixel has no neighbour to differ from
LARGEST_WIDTH_BITS = 4096  # 512 bytes a code: past it a code costs more than a thumbnail and says no more
LARGEST_HASH_SIZE = 64  # 64 x 64 = LARGEST_WIDTH_BITS


def read_number(algorithm: str, words: Sequence[str], *, what: str, default: int, smallest: int, largest: int) -> int:
    """The one whole number among *words*, or *default* where there is none.

    Raises:
        RecipeError: more than one word, no whole number, or out of the range (both ends are legal).
    """
    if not words:
        return default
    legal = (
        f"{algorithm} takes a {what} from {smallest} to {largest} (default {default}), as in '{algorithm}:{default}'"
    )
    if len(words) > 1:
        raise RecipeError(f"{algorithm} got the options {', '.join(map(repr, words))}: {legal}")
    word = words[0]
    # Nine digits hold every legal number and keep int() away from texts of a million digits.
    if not (word.isascii() and word.isdigit() and len(word) <= 9):
        raise RecipeError(f"{algorithm} got the option {word!r}: {legal}")
    number = int(word)
    if not smallest <= number <= largest:
        raise RecipeError(f"{algorithm} got a {what} of {number}: {legal}")
    return number


def read_hash_size(algorithm: str, words: Sequence[str]) -> int:
    """The hash size: a code has that many rows and columns of bits.

    Raises:
        RecipeError: see ``read_number``.
    """
    return read_number(
        algorithm,
        words,
        what="hash size",
        default=HASH_SIZE,
        smallest=SMALLEST_HASH_SIZE,
        largest=LARGEST_HASH_SIZE,
    )


def square_options(algorithm: str, words: Sequence[str]) -> tuple[tuple[int | str, ...], int]:
    """Options and width of an algorithm whose only option is the hash size."""
    size = read_hash_size(algorithm, words)
    return ((size,) if size != HASH_SIZE else ()), size * size


def hash_size_of(options: tuple[int | str, ...]) -> int:
    """The hash size among canonical *options*."""
    return next((option for option in options if isinstance(option, int)), HASH_SIZE)
