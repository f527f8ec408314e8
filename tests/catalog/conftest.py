import sys
from pathlib import Path

import pytest

from lookalike.catalog import Store

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def catalog(tmp_path):
    return tmp_path / "test.lookalike"


@pytest.fixture
def store(catalog):
    with Store.open(catalog) as opened:
        yield opened


@pytest.fixture
def root(tmp_path):
    """A folder that is there and not empty: files in it need not exist for the catalog to know them."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "readme").touch()
    return folder


@pytest.fixture
def shared_data():
    folder = Path(__file__).parents[2].parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real test data at {folder}")
    return folder
