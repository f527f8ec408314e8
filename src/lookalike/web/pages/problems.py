"""What went wrong, as a page that says what to do."""

from __future__ import annotations

from typing import Final

from lookalike.errors import (
    CatalogError,
    CropError,
    CutOff,
    ImageError,
    ImageUnreadable,
    MissingDecoder,
    NotInCatalog,
    RecipeError,
    TooManyBytes,
    TooManyPixels,
    TooSmall,
    UnsupportedFormat,
    WhereError,
)

_ADVICE: Final[tuple[tuple[type[Exception], str, str], ...]] = (
    (TooManyBytes, "That file is too large", "Save the picture smaller, or as a JPEG, and try again."),
    (
        TooManyPixels,
        "That picture has too many pixels",
        "Make it smaller, 4,000 pixels a side are plenty, and try again.",
    ),
    (
        CutOff,
        "That picture is cut off",
        "The file ends before the picture does: download or copy it again, then try again.",
    ),
    (MissingDecoder, "This kind of picture can't be opened here", "Save it as JPEG or PNG and try again."),
    (
        UnsupportedFormat,
        "That is no picture we can open",
        "Whatever its name says, the file holds no JPEG, PNG, WebP or other picture. Take a photo, or save it as JPEG.",
    ),
    (TooSmall, "That picture is too small", "Take a larger one, or a larger part of it."),
    (
        ImageUnreadable,
        "That picture's file is gone",
        "It was moved or removed since it was indexed. Start from another one.",
    ),
    (ImageError, "That picture can't be opened", "It may be damaged: save it again as JPEG, or take another."),
    (CropError, "That part isn't inside the picture", "Draw the box again."),
    (
        WhereError,
        "That filter doesn't fit this catalog",
        "An attribute may have been renamed: start again and choose from the filters shown.",
    ),
    (RecipeError, "That way to compare isn't known", "Choose one of those that the page offers."),
    (
        NotInCatalog,
        "That picture is not here any more",
        "It may have been taken out of the catalog. Start from another one.",
    ),
    (
        CatalogError,
        "The catalog can't be read just now",
        "Try again in a moment; if it stays so, ask whoever runs this page to look at: lookalike doctor",
    ),
)

_STATUS_ADVICE: Final[dict[int, tuple[str, str]]] = {
    400: ("That can't be understood", "The address or the form is incomplete. Start again with a picture."),
    404: ("There is nothing here", "The address is wrong, or what was here is gone."),
    408: ("That took too long", "The picture didn't arrive in time: try again, or send a smaller one."),
    405: ("That can't be done here", "Start again with a picture."),
    410: (
        "This picture has been forgotten",
        "Uploaded pictures are kept for a short time only. Upload it again: that takes a second.",
    ),
    413: ("That file is too large", "Save the picture smaller, or as a JPEG, and try again."),
    415: ("That is no picture we can open", "Take a photo, or save the picture as JPEG."),
    429: ("Many people are looking just now", "Your turn comes soon: try again in a few seconds."),
    500: (
        "Something went wrong here",
        "It is not your picture's fault. Try again; if it stays so, tell whoever runs this page.",
    ),
    503: ("The server is busy", "Try again in a few seconds."),
}


def explain(status: int, error: BaseException | None, detail: str = "") -> tuple[str, list[str]]:
    """A heading, and lines that say what to do and what the machine said, for *error* or else for *status*.

    *detail* is what the machine says to strangers: an error's own text may name folders.
    """
    if status not in {410, 429, 503}:
        for kind, heading, advice in _ADVICE:
            if isinstance(error, kind):
                return heading, [advice, *_said("" if status == 404 else detail)]
    heading, advice = _STATUS_ADVICE.get(status, _STATUS_ADVICE[500 if status >= 500 else 400])
    return heading, [advice, *_said(detail if status < 500 and status not in {404, 410, 429} else "")]


def _said(words: str) -> list[str]:
    """The machine's own words, the first line of them: they carry the figures."""
    line = words.strip().splitlines()[0][:300] if words.strip() else ""
    return [f"{line[:1].upper()}{line[1:]}{'' if line.endswith(('.', '!', '?')) else '.'}"] if line else []
