"""The trained network and the outlines' scorer as whole numbers: what ``lookalike.fingerprints.look_numbers`` reads."""

from __future__ import annotations

import numpy as np
import torch
from augmenting import Augmenter
from network import LookNetwork
from network_training import as_tensors
from pictures import Photos
from torch import nn
from torch.nn import functional

from lookalike.fingerprints.look import shape_vector
from lookalike.fingerprints.look_colors import color_vector
from lookalike.fingerprints.look_network import SIDE, see
from lookalike.fingerprints.look_numbers import EXACT_BELOW, as_numbers
from lookalike.fingerprints.look_outlines import LENGTH, outline_picture

SPREAD = 6.0  # activations are cut at 6
FEATURE_UNIT = 256
FIXED = 4096
ODDS_UNIT = 64
CELLS = 2 * 16  # last planes are summed over 4 x 4 cells of the picture and its twin
VIEWS = 5  # augmented pictures of each photo that the outlines' scorer sees, besides the photo itself
SHARPNESS = 8.0  # its scores run from 0 to 1; times this they are logarithms of odds


def quantise(network: LookNetwork, photos: Photos) -> dict[str, np.ndarray]:
    """The arrays of look.npz."""
    stored = {"outline_means": np.zeros(LENGTH, np.int16), "shape_means": np.zeros(1), "color_means": np.zeros(1)}
    stored |= quantise_convolutions(network)
    stored |= quantise_heads(network)
    stored |= fit_outlines(photos)
    numbers = as_numbers(stored)
    shapes, colors = [], []
    for picture in shrink_photos(photos)[~photos.held_out]:
        seen = see(picture, numbers)
        shapes.append(shape_vector(picture, seen, numbers))
        colors.append(color_vector(picture, seen.foreground))
    stored["shape_means"] = np.rint(np.mean(shapes, axis=0)).astype(np.int16)
    stored["color_means"] = np.rint(np.mean(colors, axis=0)).astype(np.int16)
    return stored


def quantise_convolutions(network: LookNetwork) -> dict[str, np.ndarray]:
    """Weights int8 with one step a channel; the step grows where sums could pass what float32 holds."""
    stored = {}
    pairs = [network.stem, *(part for stage in network.stages for part in (stage.halve, stage.step))]
    for place, (convolution, normal) in enumerate(pairs):
        factor = normal.weight / torch.sqrt(normal.running_var + normal.eps)
        shift = normal.bias - normal.running_mean * factor
        weights = convolution.weight.detach().permute(2, 3, 1, 0).flatten(0, 2).double().numpy()  # (9 * in, out)
        step = np.maximum(np.abs(weights).max(axis=0) / 127, np.abs(weights).sum(axis=0) * 255 / (EXACT_BELOW * 0.99))
        whole = np.rint(weights / step)
        scale = step * factor.detach().double().numpy() * (255 / SPREAD)
        shift = shift.detach().double().numpy() * (255 / SPREAD)
        if place == 0:  # (x / 255 - 0.5) * 4 is (x - 128) * 4 / 255 + 2 / 255
            scale *= 4 / 255
            shift += whole.sum(axis=0) * scale * 0.5
        else:
            scale *= SPREAD / 255
        stored |= {
            f"convolution{place}": whole.astype(np.int8),
            f"scale{place}": scale.astype(np.float32),
            f"shift{place}": shift.astype(np.float32),
        }
    return stored


def quantise_heads(network: LookNetwork) -> dict[str, np.ndarray]:
    normal = network.normal
    factor = (normal.weight / torch.sqrt(normal.running_var + normal.eps)).detach().double().numpy()
    middle = normal.running_mean.double().numpy()
    bias = normal.bias.detach().double().numpy()
    unit = FIXED * FEATURE_UNIT
    ground, scores = network.foreground, network.classes

    def whole(values: np.ndarray) -> np.ndarray:
        return np.rint(values).astype(np.int32)

    return {
        "features_weights": whole(unit * factor * SPREAD / 255 / CELLS),
        "features_shift": whole(unit * (bias - middle * factor)),
        "kinds_weights": whole(FIXED * ODDS_UNIT / FEATURE_UNIT * scores.weight.detach().double().numpy().T),
        "kinds_shift": whole(FIXED * ODDS_UNIT * scores.bias.detach().double().numpy()),
        "foreground_weights": whole(
            256 * ODDS_UNIT * SPREAD / 255 * ground.weight.detach().double().numpy()[0, :, 0, :]
        ),
        "foreground_shift": whole(256 * ODDS_UNIT * ground.bias.detach().double().numpy()),
    }


def fit_outlines(photos: Photos) -> dict[str, np.ndarray]:
    """A linear scorer of outlines by ridge regression, on the photos and on views of them as the network saw."""
    rows = np.flatnonzero(~photos.held_out)
    kinds = np.array([photos.kinds.index(label) for label in photos.labels.tolist()])
    augmenter = Augmenter(*as_tensors(photos), torch.Generator().manual_seed(5))
    small = shrink_photos(photos)
    outlines, shown = [outline_picture(small[row]) for row in rows], [kinds[rows]] * (1 + VIEWS)
    for _ in range(VIEWS):
        for some in torch.from_numpy(rows).split(128):
            views = augmenter.batch(some, SIDE)[0].mul(255).round().byte().permute(0, 2, 3, 1).numpy()
            outlines += [outline_picture(view) for view in views]
    inputs = np.array(outlines, np.float32)
    means = np.rint(inputs[: len(rows)].mean(axis=0))
    inputs -= means
    targets = np.concatenate(shown)
    rarity = 1 / np.sqrt(np.bincount(targets))[targets]
    weighed = inputs * (rarity / rarity.mean()).astype(np.float32)[:, None]
    wanted = np.eye(len(photos.kinds), dtype=np.float32)[targets]
    wanted -= wanted.mean(axis=0)
    squares = (weighed.T @ inputs).astype(np.float64)
    squares += np.eye(LENGTH) * (np.trace(squares) / LENGTH)
    solved = np.linalg.solve(squares, (weighed.T @ wanted).astype(np.float64))
    unit = FIXED * ODDS_UNIT * SHARPNESS
    return {
        "outline_means": means.astype(np.int16),
        "outline_kinds_weights": np.rint(unit * solved).astype(np.int16),
        "outline_kinds_shift": np.rint(-unit * (means @ solved)).astype(np.int32),
    }


def shrink_photos(photos: Photos) -> np.ndarray:
    """uint8 (n, 64, 64, 3)."""
    pictures = torch.from_numpy(photos.pictures).permute(0, 3, 1, 2).float()
    small = functional.interpolate(pictures, size=(SIDE, SIDE), mode="bilinear", antialias=True, align_corners=False)
    return small.round().clamp(0, 255).byte().permute(0, 2, 3, 1).contiguous().numpy()


def count_parameters(network: nn.Module) -> int:
    return sum(one.numel() for one in network.parameters())
