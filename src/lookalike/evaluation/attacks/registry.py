"""Every attack by name; add one here and the tests, the command and the report pick it up."""

from __future__ import annotations

from lookalike.errors import EvaluationError
from lookalike.evaluation.attacks import encodings, geometry, overlays, tones
from lookalike.evaluation.attacks.base import Attack
from lookalike.optional import Extra

ONCE = (1.0,)

ATTACKS: dict[str, Attack] = {
    "jpeg": Attack("JPEG of quality {}", (90, 70, 50, 30, 10), encodings.save_jpeg),
    "webp": Attack("WebP of quality {}", (80, 50, 20), encodings.save_webp),
    "avif": Attack("AVIF of quality {}", (60, 30, 10), encodings.save_avif),
    "heic": Attack("HEIC of quality {}", (60, 30, 10), encodings.save_heic, Extra("pillow_heif", "heif")),
    "icc": Attack("Adobe RGB's colours, JPEG of quality {}", (90,), encodings.swap_profile),
    "resize": Attack("resized to {} %", (10, 25, 50, 75, 200, 400), geometry.resize),
    "thumbnail": Attack("thumbnail of {} pixels, enlarged again", (256, 128, 64, 32), geometry.shrink_and_enlarge),
    "crop": Attack("{} % of width and height cut off, evenly", (1, 2, 5, 10, 20, 30, 40, 50), geometry.crop),
    "crop-uneven": Attack("{} % of width and height cut off, unevenly", (2, 5, 10, 20, 30, 50), geometry.crop_unevenly),
    "aspect": Attack("width to {} %", (50, 75, 90, 95, 133, 200), geometry.change_aspect),
    "rotate-black": Attack(
        "turned by {} degrees, black corners", (1, 2, 5, 10, 15, 45, 90, 180, 270), geometry.rotate_on_black
    ),
    "rotate-white": Attack("turned by {} degrees, white corners", (1, 2, 5, 10, 15, 45), geometry.rotate_on_white),
    "mirror": Attack("mirrored", ONCE, geometry.mirror),
    "flip": Attack("upside down, mirrored", ONCE, geometry.flip),
    "border": Attack("border of {} % of the longer side", (1, 3, 5, 10, 20), overlays.add_border),
    "letterbox": Attack("two black bars of {} %", (5, 10, 20, 30), overlays.add_letterbox),
    "text": Attack("two words, letters {} % of the height", (5, 10, 20), overlays.add_text),
    "logo": Attack("badge in a corner, {} % of the shorter side", (10, 20, 35), overlays.add_logo),
    "caption-bars": Attack("white bars with words, {} % each", (8, 15, 25), overlays.add_caption_bars),
    "meme-text": Attack("words above and below, letters {} % of the height", (7, 12, 18), overlays.add_meme_text),
    "screenshot": Attack("phone screenshot, bars of {} %", (4, 8, 14), overlays.add_screenshot_frame),
    "alpha": Attack("edges fade out over {} %", (2, 8, 20), overlays.make_edges_transparent),
    "blur": Attack("Gaussian blur, {} thousandths of the longer side", (2, 5, 10, 20, 40), tones.blur),
    "sharpen": Attack("sharpened by {} %", (100, 300, 600), tones.sharpen),
    "noise": Attack("noise of {} levels", (5, 15, 30, 60), tones.add_noise),
    "gamma": Attack("gamma {}", (0.3, 0.5, 0.8, 1.25, 2, 3), tones.change_gamma),
    "contrast": Attack("contrast to {} %", (25, 50, 80, 130, 200), tones.change_contrast),
    "brightness": Attack("brightness to {} %", (25, 50, 80, 130, 180), tones.change_brightness),
    "saturation": Attack("saturation to {} %", (50, 200, 400), tones.change_saturation),
    "grey": Attack("greyscale", ONCE, tones.make_grey),
    "hue": Attack("hue turned by {} degrees", (15, 60, 180), tones.turn_hue),
    "sepia": Attack("sepia", ONCE, tones.make_sepia),
}


def find_attacks(names: str | None) -> tuple[dict[str, Attack], dict[str, str]]:
    """The attacks that *names*, joined by commas, ask for, or all of them; and those that can't be made, with why.

    Raises:
        EvaluationError: no attack has such a name.
    """
    wanted = list(ATTACKS) if names is None else [name.strip() for name in names.split(",") if name.strip()]
    for name in wanted:
        if name not in ATTACKS:
            raise EvaluationError(f"no attack is called {name!r}; there are: {', '.join(ATTACKS)}")
    if not wanted:
        raise EvaluationError(f"no attack was named; there are: {', '.join(ATTACKS)}")
    found = {name: ATTACKS[name] for name in dict.fromkeys(wanted)}
    missing = {
        name: f"needs {attack.needs.install_command}"
        for name, attack in found.items()
        if attack.needs is not None and not attack.needs.installed
    }
    return {name: attack for name, attack in found.items() if name not in missing}, missing
