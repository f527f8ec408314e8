"""Fingerprints of animations: the codes of 8 frames in a row, under a recipe of their own.

An animation is compared with animations only, moment by moment. Under the recipe of stills its first frame, often a
title or black, would match pictures that it has nothing to do with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lookalike.fingerprints.making import fingerprint_picture
from lookalike.fingerprints.registry import load_algorithm
from lookalike.model import ANIMATION_FRAMES, Fingerprint, Picture, Recipe


def animated_recipe(recipe: Recipe) -> Recipe:
    """The recipe by which animations are fingerprinted where stills are by *recipe*: ``dhash`` -> ``dhash@frames8``.

    Its codes are 8 times as wide. An algorithm that makes a code for each segment keeps its width and makes one for
    each segment of each frame.
    """
    if recipe.frames > 1:
        return recipe
    many_parts = load_algorithm(recipe.algorithm).many_parts
    width_bits = recipe.width_bits * (1 if many_parts else ANIMATION_FRAMES)
    return replace(recipe, frames=ANIMATION_FRAMES, width_bits=width_bits, slots=recipe.slots * ANIMATION_FRAMES)


def still_recipe(recipe: Recipe) -> Recipe:
    """The recipe of stills that *recipe* goes with: the inverse of ``animated_recipe``; stills' ones as they are."""
    if recipe.frames == 1:
        return recipe
    many_parts = load_algorithm(recipe.algorithm).many_parts
    width_bits = recipe.width_bits // (1 if many_parts else recipe.frames)
    return replace(recipe, frames=1, width_bits=width_bits, slots=recipe.slots // recipe.frames)


def fingerprint_frames(frames: Sequence[Picture], recipes: Sequence[Recipe]) -> tuple[Fingerprint, ...]:
    """The fingerprints that *recipes*, those of stills, make of the 8 *frames* of one animation, in their order.

    The quality is the mean of the frames', and a mark is kept where all frames have it: a fade from black is no flat
    animation.

    Raises:
        RecipeError, Undecodable: as ``fingerprint_picture``.
    """
    made = {id(frame): fingerprint_picture(frame, recipes) for frame in {id(frame): frame for frame in frames}.values()}
    return tuple(_join([made[id(frame)][number] for frame in frames]) for number in range(len(recipes)))


def _join(moments: Sequence[Fingerprint]) -> Fingerprint:
    recipe = animated_recipe(moments[0].recipe)
    if load_algorithm(recipe.algorithm).many_parts:
        parts = tuple(dict.fromkeys(part for moment in moments for part in moment.parts))
    else:
        bits = np.concatenate([moment.bits for moment in moments])
        parts = (np.packbits(bits).tobytes(),)
    quality = round(sum(moment.quality for moment in moments) / len(moments))
    marks = tuple(mark for mark in moments[0].marks if all(mark in moment.marks for moment in moments))
    return Fingerprint(recipe, parts, quality, marks)
