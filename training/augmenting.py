"""What training does to pictures, so that the network learns garments and not contributors' floors and cameras."""

from __future__ import annotations

import math

import torch
from torch.nn import functional


class Augmenter:
    """Batches of pictures, each cut, turned, mirrored, put on another ground and recoloured at random.

    Args:
        pictures: float (n, 3, side, side) in 0..1, padded to a square with the colour of their border.
        masks: float (n, 1, side, side): 1 where the garment is; all zero where nobody knows.
    """

    def __init__(self, pictures: torch.Tensor, masks: torch.Tensor, draw: torch.Generator) -> None:
        self.pictures, self.masks, self.draw = pictures, masks, draw
        filled = masks.mean((1, 2, 3))
        self.known = (filled > 0.08) & (filled < 0.8)  # GrabCut found something of a garment's size

    def uniform(self, low: float, high: float, *shape: int) -> torch.Tensor:
        return low + (high - low) * torch.rand(shape, generator=self.draw)

    def happens(self, chance: float, count: int) -> torch.Tensor:
        return torch.rand(count, generator=self.draw) < chance

    def batch(self, rows: torch.Tensor, side: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Pictures (n, 3, side, side), masks (n, 1, side, side) and whether each mask is known (n,)."""
        grid = functional.affine_grid(self._cuts(rows), [len(rows), 3, side, side], align_corners=False)
        pictures, masks = self.pictures[rows], self.masks[rows]
        pictures = functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
        masks = functional.grid_sample(masks, grid, padding_mode="zeros", align_corners=False)
        known = self.known[rows]
        pictures = self._other_ground(self._recolour(pictures), masks, known)
        pictures = self._recolour(pictures, strength=0.5)
        return self._erase(self._blur(pictures)).clamp(0, 1), masks, known

    def _cuts(self, rows: torch.Tensor) -> torch.Tensor:
        """Affine maps (n, 2, 3): around the whole picture, or closely around the garment as shops cut."""
        count = len(rows)
        half, middle = torch.ones(count, 2), torch.zeros(count, 2)
        close = self.happens(0.35, count) & self.known[rows]
        for place in torch.nonzero(close).flatten().tolist():
            lines = torch.nonzero(self.masks[rows[place], 0] > 0.5).float()
            side = self.masks.shape[-1]
            low, high = lines.quantile(0.01, 0), lines.quantile(0.99, 0) + 1
            middle[place] = ((low + high) / side - 1).flip(0)
            sides = ((high - low) / side).flip(0)
            if self.uniform(0, 1, 1) < 0.5:
                sides = sides.max().expand(2)
            half[place] = sides.clamp(min=0.2) * float(self.uniform(1.0, 1.25, 1))
        size = torch.exp(self.uniform(math.log(0.7), math.log(1.2), count, 1))
        size[close] = size[close] ** 0.3
        longer = torch.exp(self.uniform(-0.2, 0.2, count, 1))
        half = half * torch.cat([size * longer, size / longer], 1)
        middle = middle + self.uniform(-0.12, 0.12, count, 2) * half
        mirror = torch.where(self.happens(0.5, count), -1.0, 1.0)
        angle = self.uniform(-1, 1, count) ** 3 * 0.6
        cos, sin = angle.cos(), angle.sin()
        first = torch.stack([half[:, 0] * cos * mirror, -half[:, 1] * sin, middle[:, 0]], 1)
        second = torch.stack([half[:, 0] * sin * mirror, half[:, 1] * cos, middle[:, 1]], 1)
        return torch.stack([first, second], 1)

    def _recolour(self, pictures: torch.Tensor, strength: float = 1.0) -> torch.Tensor:
        count = len(pictures)
        mixing = torch.eye(3) + self.uniform(-0.25, 0.25, count, 3, 3) * strength
        grey = self.happens(0.1 * strength, count)
        mixing[grey] = mixing[grey].mean(1, keepdim=True).expand(-1, 3, -1)
        mixing = mixing / mixing.sum(2, keepdim=True).clamp(min=0.3)
        gain = torch.exp(self.uniform(-0.35, 0.35, count, 1, 1, 1) * strength)
        shift = self.uniform(-0.12, 0.12, count, 1, 1, 1) * strength
        mixed = torch.einsum("nij,njhw->nihw", mixing, pictures)
        negative = self.happens(0.05 * strength, count)[:, None, None, None]
        changed = (mixed - 0.5) * gain + 0.5 + shift
        return torch.where(negative, 1 - changed, changed).clamp(0, 1)

    def _other_ground(self, pictures: torch.Tensor, masks: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
        """Replace the ground of half of the pictures: by white or near it, by a colour, by another picture's ground."""
        count = len(pictures)
        turn = torch.randperm(count, generator=self.draw)
        colours = self.uniform(0, 1, count, 3, 1, 1)
        whites = self.uniform(0.85, 1.05, count, 1, 1, 1).clamp(max=1).expand(-1, 3, -1, -1)
        kind = torch.randint(0, 10, (count, 1, 1, 1), generator=self.draw)
        plain = torch.where(kind < 5, whites, colours)
        side = pictures.shape[-1]
        others = pictures[turn].roll((side // 2, side // 2), (2, 3))  # its border comes to the middle
        ground = torch.where(kind < 7, plain.expand_as(pictures), others)
        soft = functional.avg_pool2d(masks, 3, 1, 1)
        changed = (self.happens(0.55, count) & known)[:, None, None, None]
        return torch.where(changed, pictures * soft + ground * (1 - soft), pictures)

    def _blur(self, pictures: torch.Tensor) -> torch.Tensor:
        side = pictures.shape[-1]
        small = functional.interpolate(pictures, size=(side // 2, side // 2), mode="area")
        coarse = functional.interpolate(small, size=(side, side), mode="bilinear", align_corners=False)
        return torch.where(self.happens(0.15, len(pictures))[:, None, None, None], coarse, pictures)

    def _erase(self, pictures: torch.Tensor) -> torch.Tensor:
        side = pictures.shape[-1]
        for place in torch.nonzero(self.happens(0.25, len(pictures))).flatten().tolist():
            high, wide = (self.uniform(0.1, 0.4, 2) * side).int().tolist()
            top, left = (self.uniform(0, 0.8, 2) * side).int().tolist()
            pictures[place, :, top : top + high, left : left + wide] = self.uniform(0, 1, 3, 1, 1)
        return pictures
