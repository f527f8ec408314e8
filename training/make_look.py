"""Make the numbers of `look` again: ``make look`` (PHOTOS=folder with items.csv and images/).

Needs the dependency group ``training``. What is made on the way (small photos, the trained network) is kept in
build/look, and used again where it is there: delete the folder to begin from the photos.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from network import LookNetwork
from network_training import train_network
from pictures import read_photos
from quantising import quantise

NUMBERS = Path(__file__).parents[1] / "src" / "lookalike" / "fingerprints" / "look.npz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--kept", type=Path, default=Path("build/look"))
    parser.add_argument("--numbers", type=Path, default=NUMBERS)
    given = parser.parse_args()
    given.kept.mkdir(parents=True, exist_ok=True)
    photos = read_photos(given.photos, given.kept / "photos.npz")
    trained = given.kept / "network.pt"
    if not trained.exists():
        torch.save(train_network(photos).state_dict(), trained)
    network = LookNetwork(len(photos.kinds))
    network.load_state_dict(torch.load(trained))
    np.savez_compressed(given.numbers, **quantise(network.eval(), photos))
    print(f"{given.numbers}: {given.numbers.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
