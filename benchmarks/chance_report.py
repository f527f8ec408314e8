"""Writes what benchmarks/chance.py measured into docs/worth.md, between two markers, and draws its plot."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from lookalike.fingerprints import parse_recipe

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = DOCS / "worth.md"
BEGIN, END = "<!-- chance: begin, written by benchmarks/chance.py -->", "<!-- chance: end -->"
NEEDS = {"circumstances": "sizes"}
WORDS = ("same picture", "edited copy", "similar look", "chance", "not found")


def write(figures):
    """Replace the generated part of the page, what was measured of it, and draw the plot."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    old, _, after = rest.partition(END)
    if not rest:
        raise SystemExit(f"{PAGE} has no marker {BEGIN}")
    parts = [circumstances, levels, tails, crowds, joints, words, fusion, times]
    kept = old.split("\n### ")
    lines = []
    for number, part in enumerate(parts):
        lines += part(figures) if NEEDS.get(part.__name__, part.__name__) in figures else earlier(kept, number)
    body = "\n".join(lines)
    PAGE.write_text(f"{before}{BEGIN}\n{body}\n{END}{after}", encoding="utf-8")
    draw(figures)


def earlier(kept, number):
    """A section as another run left it, and of which run it is."""
    told = kept[0].strip().partition(": ")[0]
    section = kept[number].rstrip()
    heading, _, rest = section.partition("\n")
    rest = rest if "*Of an earlier run" in rest else f"\n*Of an earlier run: {told}.*\n{rest}"
    return [f"### {heading}", *rest.split("\n"), ""]


def table(heads, rows):
    return ["", *(f"| {' | '.join(map(str, row))} |" for row in [heads, ["---"] * len(heads), *rows]), ""]


def share(number):
    return f"1 in {float(f'{1 / number:.2g}'):,.0f}" if number > 0 else "none"


def circumstances(figures):
    of = "; ".join(
        f"{pictures:,} {name}, {pairs:,} pairs, {copies} of them left out as copies"
        for name, (pictures, pairs, copies) in figures["sizes"].items()
    )
    return ["", f"{figures['told']}: {of}.", "", "![Predicted and counted shares of pairs by distance](chance.svg)", ""]


def levels(figures):
    rows, beyond = [], []
    for name, recipe, distance, counted, pairs, ratio, least, most in figures["levels"]:
        rows.append(
            (
                name,
                f"`{recipe}`",
                distance,
                share(counted),
                f"{pairs:,.0f}",
                f"{ratio:.2f}",
                f"{least:.2f} to {most:.2f}",
            )
        )
        if not 0.5 <= ratio <= 2:
            beyond.append(f"`{recipe}` of {name} at {distance} bits ({ratio:.2f}, {pairs:,.0f} pairs counted a half)")
    told = "Beyond a factor of two: " + "; ".join(beyond) + "." if beyond else "None is off by more than a factor of 2."
    heads = ("pictures", "recipe", "bits", "counted", "pairs counted", "predicted / counted", "from 200 pictures")
    return [
        "### Predicted against counted",
        "",
        (
            "Models of random halves, against the pairs of the other halves; the mean of 12 splits. A shop's planted "
            "copies are left out of what is counted; the models leave out what the job finds. The last column "
            "is the least and the most of 12 models of 200 pictures each, against all pairs of the others. Shares "
            "rarer than any distance has are missing."
        ),
        *table(heads, rows),
        told,
        "",
    ]


def tails(figures):
    ways = list(dict.fromkeys(way for told in figures["tails"].values() for way in told))
    rows = []
    for way in ways:
        cells = []
        for told in figures["tails"].values():
            known = [error for error in told[way] if error is not None]
            cells.append(f"{np.mean(known):.2f}")
        rows.append((way, *cells))
    heads = ("continued by", *(f"{name}, {known}" for name, known in figures["tails"]))
    return [
        "### Ways to continue the curve",
        "",
        "Mean error in factors of two, over all recipes and all distances that fewer than 1 in 500 pairs reach.",
        *table(heads, rows),
    ]


def crowds(figures):
    rows = [
        (
            name,
            f"`{recipe}` within {radius}",
            *(f"{counted:.2f} / {average:.2f} / {dense:.2f}" for counted, average, dense in quarters),
        )
        for name, recipe, radius, quarters in figures["crowds"]
    ]
    heads = ("pictures", "recipe", "loneliest quarter", "second", "third", "most crowded quarter")
    return [
        "### Crowds",
        "",
        "Chance neighbours of a query: counted / expected of an average picture / expected of this one by `density`.",
        *table(heads, rows),
    ]


def joints(figures):
    rows = []
    for name, names, scale, told in figures["joints"]:
        cells = [" / ".join(f"{one:.2f}" for one in told[way]) for way in ("Brown", "Fisher", "strongest")]
        rows.append((name, f"`{','.join(names)}`", f"{scale:.2f}", *cells))
    heads = ("pictures", "recipes", "scale", "Brown (used)", "Fisher", "strongest x number")
    return [
        "### Several recipes together",
        "",
        (
            "Share of unrelated pairs that look like 1 in 100 / 1 in 1,000 / 1 in 10,000, divided by that: 1 is right, "
            "more is too many."
        ),
        *table(heads, rows),
    ]


def words(figures):
    lines = ["### The words", "", "Of shop photos; how often each word was said, in percent."]
    for by, told in figures["words"].items():
        rows = []
        for edit, said in told.items():
            counts = Counter(said)
            rows.append((edit, len(said), *(f"{100 * counts[word] / len(said):.1f}" for word in WORDS)))
        lines += ["", f"By `{by}`:", *table(("what was done", "queries", *WORDS), rows)]
    return lines


def fusion(figures):
    rows = [
        (f"`{by}`", way, f"{same:.3f}", f"{first:.3f}")
        for by, told in figures["fusion"].items()
        for way, (same, first, _, _) in told.items()
    ]
    _, _, queries, copies = next(iter(next(iter(figures["fusion"].values())).values()))
    heads = ("recipes", "fusion", "same label among the 9 nearest", "edited copies found first")
    return [
        "### Fusion",
        "",
        f"{queries} queries, {copies} edited copies (none mirrored or turned).",
        *table(heads, rows),
    ]


def times(figures):
    rows = [(f"{width} bits", f"{seconds:.2f} s") for width, seconds in figures["times"].items()]
    return [
        "### Time to count",
        "",
        "Of 1,000,000 pictures, one thread, processor time, best of three.",
        *table(("codes", "time"), rows),
    ]


def draw(figures):
    """Counted shares as dots, the models' span over the splits as bands, one panel a collection."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams.update(
        {"svg.hashsalt": "lookalike", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    )
    names = list(figures["sizes"])
    figure, panels = plt.subplots(1, len(names), figsize=(11, 4.6), sharey=True)
    for panel, name in zip(panels, names, strict=True):
        for number, ((_, recipe), curve) in enumerate(
            (key, curve) for key, curve in figures["curves"].items() if key[0] == name
        ):
            distance, counted, least, most = map(np.array, zip(*curve, strict=True)) if curve else ([],) * 4
            colour, distance = f"C{number}", np.asarray(distance) / parse_recipe(recipe).width_bits
            panel.fill_between(distance, least, most, color=colour, alpha=0.3, linewidth=0)
            seen = np.asarray(counted) > 0
            panel.plot(distance[seen], np.asarray(counted)[seen], "o", ms=3, color=colour, label=recipe)
        panel.set(
            yscale="log", xlabel="share of the bits that differ", title=name, xlim=(-0.008, 0.4), ylim=(1e-8, 0.06)
        )
        panel.grid(alpha=0.25)
    panels[0].set_ylabel("share of unrelated pairs at most so near")
    panels[0].legend(frameon=False, fontsize=8)
    figure.tight_layout()
    figure.savefig(DOCS / "chance.svg", metadata={"Date": None})
