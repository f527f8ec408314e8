"""A file that an extra would open is skipped with the line that installs it, and opened once it is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from lookalike.catalog import Store


def index(folder, catalog, *search_path):
    inherited = [os.environ["PYTHONPATH"]] if "PYTHONPATH" in os.environ else []
    done = subprocess.run(
        [sys.executable, "-m", "lookalike", "index", folder, "--catalog", catalog, "--fingerprints", "dhash", "--json"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [*search_path, *inherited]))},
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(done.stdout)


def test_a_file_skipped_for_want_of_an_extra_is_opened_by_the_first_scan_that_has_it(tmp_path):
    codec = pytest.importorskip("imagecodecs")
    pictures, without = tmp_path / "pictures", tmp_path / "without"
    pictures.mkdir()
    without.mkdir()
    pixels = np.random.default_rng(0).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    (pictures / "a.jxl").write_bytes(codec.jpegxl_encode(pixels))
    (pictures / "b.raf").write_bytes(b"FUJIFILMCCD-RAW " + bytes(500))
    (without / "sitecustomize.py").write_text("import sys\nsys.modules['imagecodecs'] = sys.modules['rawpy'] = None\n")
    catalog = tmp_path / "c.lookalike"
    first = index(pictures, catalog, without)
    assert first["reasons"] == {"needs-extra": 2}
    with Store.open(catalog, read_only=True) as store:
        details = [entry.detail for entry in store.ledger()]
    assert ["pip install 'lookalike[jxl]'" in details[0], "pip install 'lookalike[raw]'" in details[1]] == [True, True]
    second = index(pictures, catalog)
    assert second["indexed"] == 1
    assert "needs-extra" not in second["reasons"]
