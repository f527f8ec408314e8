"""An explanation as a picture."""

from __future__ import annotations

import os
from pathlib import Path

from lookalike.jobs.explain_match import ExplainedRecipe, Explanation
from lookalike.rendering import BitPanel, Tile, draw_explanation, save_sheet
from lookalike.worth import say_expected

LAID = {
    "identity": "",
    "rotate-90": "turned left",
    "rotate-180": "turned upside down",
    "rotate-270": "turned right",
    "mirror": "mirrored",
    "flip": "flipped top to bottom",
    "transpose": "turned and mirrored",
    "transverse": "turned and mirrored",
}


def write_explanation(explanation: Explanation, path: str | os.PathLike[str]) -> Path:
    """Draw *explanation* as a PNG file at *path*.

    Raises:
        RenderingError: the file can't be written there.
    """
    laid = LAID[explanation.transform]
    first, second = (os.path.basename(name) for name in (explanation.first, explanation.second))
    page = draw_explanation(
        Tile(explanation.images[0], (f"{first} ({laid})" if laid else first,)),
        Tile(explanation.images[1], (second,)),
        [panel_of(one) for one in explanation.recipes],
        title=(explanation.verdict or "not known what it is worth").capitalize(),
        subtitle=describe_worth(explanation),
    )
    save_sheet(page, path)
    return Path(path)


def describe_worth(explanation: Explanation) -> str:
    """What is known of both together, in a sentence or two."""
    sentences = []
    if explanation.transform != "identity":
        sentences.append(f"The first picture is {LAID[explanation.transform]} to lie as the second.")
    if explanation.expected is not None:
        words = say_expected(explanation.expected)
        sentences.append(f"As near under all fingerprints together: {words} among {explanation.pictures:,} pictures.")
    if explanation.plain:
        sentences.append("One of the pictures is too plain for fingerprints to prove anything.")
    return " ".join(sentences)


def panel_of(one: ExplainedRecipe) -> BitPanel:
    """One recipe's part of the page."""
    row = one.row
    lines = [f"{row.distance} of {row.width_bits} bits differ"]
    if row.expected_per_million is not None:
        lines.append(say_share(row.expected_per_million / 1e6))
    return BitPanel(row.recipe, tuple(lines), one.first_bits, one.second_bits)


def say_share(share: float) -> str:
    """``1 in 3,000 unrelated pictures is as near``."""
    if share >= 0.5:
        return f"{share:.0%} of unrelated pictures are as near"
    return say_expected(share).removesuffix(" by chance") + " unrelated pictures is as near"
