"""The network that `look` is distilled into integers from, in PyTorch. Training only."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

STAGES = ((24, 48), (48, 96), (96, 160))  # channels in and out of the three halvings after the first
FEATURES = STAGES[-1][1]
EMBEDDED = 128  # what the contrastive loss sees


def convolution(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outside),
    )


class Stage(nn.Module):
    """Halve the sides, then one residual step. Activations are cut at 6, so that 8 bits hold them."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.halve = convolution(inside, outside, stride=2)
        self.step = convolution(outside, outside)

    def forward(self, planes: torch.Tensor) -> torch.Tensor:
        halved = functional.relu6(self.halve(planes))
        return functional.relu6(halved + self.step(halved))


class LookNetwork(nn.Module):
    """RGB in 0..1 -> features (n, 160), embedding (n, 128), class scores, foreground scores (n, 1, side / 8, side / 8).

    The foreground head learns where the garment is. It steers the network to the garment, and weighs the colours.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.stem = convolution(3, STAGES[0][0], stride=2)
        self.stages = nn.ModuleList(Stage(*channels) for channels in STAGES)
        self.foreground = nn.Conv2d(STAGES[1][1], 1, 1)
        self.normal = nn.BatchNorm1d(FEATURES)
        self.drop = nn.Dropout(0.2)
        self.classes = nn.Linear(FEATURES, classes)
        self.embed = nn.Linear(FEATURES, EMBEDDED)

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, ...]:
        planes = functional.relu6(self.stem((pictures - 0.5) * 4))
        foreground = None
        for place, stage in enumerate(self.stages):
            planes = stage(planes)
            if place == 1:
                foreground = self.foreground(planes)
        features = self.normal(planes.mean((2, 3)))
        return features, self.embed(features), self.classes(self.drop(features)), foreground


def contrastive_loss(embedded: torch.Tensor, labels: torch.Tensor, temperature: float = 0.1) -> torch.Tensor:
    """Supervised contrastive loss (Khosla and others 2020, https://arxiv.org/abs/2004.11362, its L_out)."""
    unit = functional.normalize(embedded)
    logits = unit @ unit.T / temperature
    itself = torch.eye(len(labels), dtype=torch.bool)
    logits = logits.masked_fill(itself, -1e9)
    alike = (labels[:, None] == labels[None, :]) & ~itself
    chances = logits - torch.logsumexp(logits, 1, keepdim=True)
    return -((chances * alike).sum(1) / alike.sum(1).clamp(min=1)).mean()
