"""Train the network: classes by cross-entropy, likeness by contrast, the garment's place by its mask."""

from __future__ import annotations

import copy
import time

import numpy as np
import torch
from augmenting import Augmenter
from network import LookNetwork, contrastive_loss
from pictures import Photos
from torch.nn import functional

SIDE = 64
EPOCHS = 36
BATCH = 64  # photos, each twice
RATE = 3e-3
DECAY = 0.02
SEED = 1
AVERAGED = 0.995  # the shipped weights are a running average


def train_network(photos: Photos) -> LookNetwork:
    """Train on the contributors that aren't held out: 8 to 12 minutes of one core, 36 epochs."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)  # the sums of several threads come in any order
    draw = torch.Generator().manual_seed(SEED)
    pictures, masks = as_tensors(photos)
    kinds = torch.from_numpy(np.array([photos.kinds.index(label) for label in photos.labels.tolist()]))
    rows = torch.from_numpy(np.flatnonzero(~photos.held_out))
    chances = 1 / torch.bincount(kinds[rows]).double().sqrt()[kinds[rows]]  # rare kinds come oftener
    augmenter = Augmenter(pictures, masks, draw)
    network = LookNetwork(len(photos.kinds)).to(memory_format=torch.channels_last)
    averaged = copy.deepcopy(network)
    optimizer = make_optimizer(network)
    steps = len(rows) // BATCH
    done, begun = 0, time.monotonic()
    for epoch in range(EPOCHS):
        network.train()
        order = rows[torch.multinomial(chances, len(rows), replacement=True, generator=draw)]
        losses = np.zeros(3)
        for step in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = RATE * min(1, (done + 1) / (2 * steps)) * cosine(done / (steps * EPOCHS))
            batch = order[step * BATCH : (step + 1) * BATCH].repeat(2)
            parts = losses_of(network, augmenter, batch, kinds[batch])
            optimizer.zero_grad()
            (parts[0] + 0.5 * parts[1] + 0.5 * parts[2]).backward()
            optimizer.step()
            done += 1
            follow(averaged, network, min(AVERAGED, done / (done + 10)))
            losses += [part.item() for part in parts]
        print(f"epoch {epoch + 1}, {time.monotonic() - begun:.0f} s: {(losses / steps).round(3)}", flush=True)
    return averaged.eval()


def losses_of(
    network: LookNetwork, augmenter: Augmenter, rows: torch.Tensor, kinds: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    pictures, masks, known = augmenter.batch(rows, SIDE)
    _, embedded, scores, odds = network(pictures.contiguous(memory_format=torch.channels_last))
    wanted = functional.interpolate(masks, size=odds.shape[2:], mode="area")
    missed = functional.binary_cross_entropy_with_logits(odds, wanted, reduction="none").mean((1, 2, 3))
    return (
        functional.cross_entropy(scores, kinds, label_smoothing=0.1),
        contrastive_loss(embedded, kinds),
        (missed * known).mean(),
    )


def as_tensors(photos: Photos) -> tuple[torch.Tensor, torch.Tensor]:
    pictures = torch.from_numpy(photos.pictures).float().div(255).permute(0, 3, 1, 2).contiguous()
    return pictures, torch.from_numpy((photos.masks / 255).astype(np.float32))[:, None]


def make_optimizer(network: LookNetwork) -> torch.optim.Optimizer:
    decayed = [one for one in network.parameters() if one.ndim > 1]
    others = [one for one in network.parameters() if one.ndim <= 1]
    return torch.optim.AdamW(
        [{"params": decayed, "weight_decay": DECAY}, {"params": others, "weight_decay": 0}], lr=RATE
    )


def cosine(share: float) -> float:
    return 0.5 * (1 + float(np.cos(np.pi * share)))


@torch.no_grad()
def follow(averaged: LookNetwork, network: LookNetwork, kept: float) -> None:
    for mine, new in zip(averaged.state_dict().values(), network.state_dict().values(), strict=True):
        if mine.dtype.is_floating_point:
            mine.lerp_(new, 1 - kept)
        else:
            mine.copy_(new)
