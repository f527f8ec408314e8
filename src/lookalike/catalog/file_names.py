"""Finds the files that a table's key means: a path, the end of one, or a name without its ending."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping


class FileNames:
    """Present files, by every name that a table may call them.

    A key is tried as: an absolute path; a path relative to the table's own folder; relative to a scanned folder; the
    end of a path (a bare file name is the shortest one); the same without the file's ending. The first that fits any
    file counts.
    """

    def __init__(self, files: Mapping[bytes, int], roots: Iterable[bytes], table_folder: bytes) -> None:
        self.paths = {file_id: path for path, file_id in files.items()}
        self._files = files
        self._folders = [table_folder, *sorted(roots)]
        self._by_name: dict[bytes, list[bytes]] = {}
        self._by_stem: dict[bytes, list[bytes]] = {}
        for path in files:
            name = os.path.basename(path)
            self._by_name.setdefault(name, []).append(path)
            self._by_stem.setdefault(os.path.splitext(name)[0], []).append(path)

    def find(self, key: str) -> tuple[int, ...]:
        """Ids of the files that *key* means, ascending; none where it is empty or fits nothing."""
        key = key.strip()
        if not key:
            return ()
        try:
            wanted = os.path.normpath(os.fsencode(key))
        except UnicodeEncodeError:
            return ()  # a lone surrogate that stands for no byte can't be in a path
        if wanted.startswith(b"/"):
            found = [wanted] if wanted in self._files else []
        else:
            found = self._relative(wanted) or self._ending(wanted)
        return tuple(sorted(self._files[path] for path in found))

    def _relative(self, wanted: bytes) -> list[bytes]:
        beside = os.path.normpath(os.path.join(self._folders[0], wanted))
        if beside in self._files:
            return [beside]
        candidates = dict.fromkeys(os.path.normpath(os.path.join(root, wanted)) for root in self._folders[1:])
        return [path for path in candidates if path in self._files]

    def _ending(self, wanted: bytes) -> list[bytes]:
        name, ending = os.path.basename(wanted), b"/" + wanted
        exact = [path for path in self._by_name.get(name, []) if path.endswith(ending)]
        return exact or [path for path in self._by_stem.get(name, []) if os.path.splitext(path)[0].endswith(ending)]
