"""Writes what benchmarks/search.py measured into docs/benchmarks.md, between two markers, and draws its plots."""

from __future__ import annotations

from pathlib import Path

from figures import CLASSIC_K, CLASSIC_SIZE, QUERIES_A_TURN, K

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = DOCS / "benchmarks.md"
BEGIN, END = "<!-- search: begin, written by benchmarks/search.py -->", "<!-- search: end -->"
GOOD_RECALL = 0.9  # below it, a point is drawn hollow: a time alone would say too much
HOW_ASKED = (
    f"Asked for the {K} nearest; of {CLASSIC_SIZE} codes for the {CLASSIC_K} nearest. One query at a time, the engines "
    f"of a size take turns of up to {QUERIES_A_TURN} queries: the first of a turn finds the caches full of other "
    "engines' codes, those after it find its own."
)
HEADS = ("codes", "bits", "k", "engine", "threads", "build ms", "MB", "one query ms", "in a batch ms", "recall")


def write_page(results, points, told):
    """Replace the generated part of the page; what people wrote around it stays."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    if not rest:
        raise SystemExit(f"{PAGE} has no marker {BEGIN}")
    PAGE.write_text(f"{before}{BEGIN}\n{render(results, points, told)}{END}{after}", encoding="utf-8")


def render(results, points, told):
    versions = ", ".join(f"{name} {version}" for name, version in told["versions"].items())
    circumstances = (
        f"`{told['command']}`, {told['date']}: {told['machine']}, kernel {told['kernel']}, Python {told['python']}, "
        f"{told['idle_cores']} cores idle before the run; {versions}."
    )
    lines = [
        "",
        circumstances,
        "",
        HOW_ASKED,
        "",
        "![Time of one query against the number of codes](search-time.svg)",
        "",
        "![Recall against the time of one query](search-recall.svg)",
        "",
    ]
    for shape in dict.fromkeys(row["shape"] for row in results):
        lines += [
            f"### {shape.capitalize()} codes",
            "",
            *table(HEADS, [cells(r) for r in results if r["shape"] == shape]),
        ]
    lines += ["### Recall against time", ""]
    heads = ("shape", "codes", "engine", "effort", "one query ms", "recall")
    lines += table(heads, [point_cells(point) for point in points])
    return "\n".join(lines) + "\n"


def table(heads, rows):
    body = [f"| {' | '.join(map(str, row))} |" for row in [heads, ["---"] * len(heads), *rows]]
    return [*body, ""]


def cells(row):
    return (
        f"{row['codes']:,}",
        row["width_bits"],
        row["k"],
        row["engine"],
        row["threads"],
        f"{row['build_ms']:,.1f}",
        "-" if row["megabytes"] is None else f"{row['megabytes']:,.1f}",
        f"{row['query_ms']:.3f}",
        f"{row['batch_query_ms']:.4f}",
        f"{row['recall']:.3f}",
    )


def point_cells(point):
    times = (f"{point['query_ms']:.3f}", f"{point['recall']:.3f}")
    return (point["shape"], f"{point['codes']:,}", point["engine"], point["effort"] or "-", *times)


def draw(results, points):
    """docs/search-time.svg and docs/search-recall.svg; the same figures draw the same bytes."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "lookalike"
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.5))
    chosen = [r for r in results if (r["shape"], r["width_bits"], r["threads"]) == ("random", 64, 1)]
    for name in dict.fromkeys(row["engine"].split(" ")[0] for row in chosen):
        line = sorted((r["codes"], r["query_ms"], r["recall"]) for r in chosen if r["engine"].split(" ")[0] == name)
        sizes, times, recalls = zip(*line, strict=True)
        (drawn,) = axes.plot(sizes, times, label=name, linewidth=2.5 if name == "exact" else 1.2)
        fill = [drawn.get_color() if recall >= GOOD_RECALL else "white" for recall in recalls]
        axes.scatter(sizes, times, c=fill, edgecolors=drawn.get_color(), zorder=3)
    axes.set(xscale="log", yscale="log", xlabel=f"codes of 64 bits (hollow: recall under {GOOD_RECALL})")
    axes.set_ylabel("one query for 10 neighbours (9 of 900), ms")
    finish(figure, axes, "search-time.svg")
    shapes = list(dict.fromkeys(point["shape"] for point in points))
    figure, panes = plt.subplots(1, len(shapes), figsize=(4.5 * len(shapes), 4.2), sharey=True, squeeze=False)
    for pane, shape in zip(panes[0], shapes, strict=True):
        here = [point for point in points if point["shape"] == shape]
        for name in dict.fromkeys(point["engine"] for point in here):
            line = sorted((p["query_ms"], p["recall"]) for p in here if p["engine"] == name)
            pane.plot(*zip(*line, strict=True), marker="o", label=name, linewidth=1.2)
        pane.set(xscale="log", xlabel="one query, ms", title=f"{here[0]['codes']:,} {shape} codes of 64 bits")
        pane.grid(alpha=0.3)
    panes[0][0].set_ylabel("recall of the 10 nearest")
    finish(figure, panes[0][-1], "search-recall.svg")


def finish(figure, axes, name):
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(DOCS / name, metadata={"Date": None})
