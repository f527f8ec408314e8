"""A process that writes to a catalog until it is killed, and says after each commit what must be found again."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from catalog_samples import COLORHASH, WHASH, make_result

from lookalike.catalog import Store

with Store.open(sys.argv[1]) as store:
    number = store.begin_scan([b"/pictures"])
    place = int(sys.argv[2])
    while True:
        batch = [
            make_result(f"/pictures/{place + step}", b"%d" % (place + step), WHASH, COLORHASH) for step in range(20)
        ]
        store.record(number, batch)
        place += len(batch)
        sys.stdout.write(f"{place}\n")
        sys.stdout.flush()
