"""An explanation as a picture."""

from __future__ import annotations

import os
from pathlib import Path

from lookalike.fingerprints import parse_recipe
from lookalike.jobs.explain_match import ExplainedRecipe, Explanation
from lookalike.rendering import BitPanel, Box, Tile, draw_explanation, save_sheet
from lookalike.worth import say_expected

WHOLE = 0.95  # of a picture's area: that much is all of it, alignments are good to some hundredths

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
        boxes=boxes_of(explanation),
    )
    save_sheet(page, path)
    return Path(path)


def boxes_of(explanation: Explanation) -> tuple[Box, Box] | None:
    """The pixels of each picture that both show; None where that is all of both, or none was proved."""
    if explanation.shared is None:
        return None
    regions = explanation.shared.query_region, explanation.shared.region
    if min(one.width * one.height for one in regions) >= WHOLE:
        return None
    one, other = (
        (
            round(region.left * image.width),
            round(region.top * image.height),
            max(round((region.left + region.width) * image.width), round(region.left * image.width) + 1),
            max(round((region.top + region.height) * image.height), round(region.top * image.height) + 1),
        )
        for region, image in zip(regions, explanation.images, strict=True)
    )
    return one, other


def describe_worth(explanation: Explanation) -> str:
    """What is known of both together, in a sentence or two."""
    sentences = []
    if explanation.transform != "identity":
        sentences.append(f"The first picture is {LAID[explanation.transform]} to lie as the second.")
    if boxes_of(explanation) is not None and explanation.shared is not None:
        one, other = explanation.shared.query_region, explanation.shared.region
        areas = f"{one.width * one.height:.0%} of the first and {other.width * other.height:.0%} of the second"
        sentences.append(f"{areas} show the same; the pixels there agree.")
    if explanation.expected is not None:
        words = say_expected(explanation.expected)
        near = "As near under all fingerprints together" if explanation.shared is None else "As much alike"
        sentences.append(f"{near}: {words} among {explanation.pictures:,} pictures.")
    if explanation.plain:
        sentences.append("One of the pictures is too plain for fingerprints to prove anything.")
    return " ".join(sentences)


def panel_of(one: ExplainedRecipe) -> BitPanel:
    """One recipe's part of the page."""
    row = one.row
    lines = [f"{row.distance} of {row.width_bits} bits differ"]
    if parse_recipe(row.recipe).slots:
        lines = [f"{row.width_bits - row.distance} of {row.width_bits} parts found again"]
    if row.expected_per_million is not None:
        lines.append(say_share(row.expected_per_million / 1e6))
    return BitPanel(row.recipe, tuple(lines), one.first_bits, one.second_bits)


def say_share(share: float) -> str:
    """``1 in 3,000 unrelated pictures is as near``."""
    if share >= 0.5:
        return f"{share:.0%} of unrelated pictures are as near"
    return say_expected(share).removesuffix(" by chance") + " unrelated pictures is as near"
