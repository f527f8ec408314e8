"""Find every file below some folders. Each path comes out once: as a file to look at, or passed by with its reason.

Paths come in the order of their bytes, so that two scans of the same tree see the same order, which is also the one
that the catalog keeps them in. A folder that is passed by comes out itself, and nothing below it does.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from lookalike.errors import ImageUnreadable
from lookalike.jobs.scan_rules import (
    IGNORE_FILE,
    ODD_STARTS,
    CompiledRules,
    IgnoreScope,
    ScanRules,
    Verdict,
    read_ignore_file,
)

NO_RULES = ScanRules().compile()


class FoundFile(NamedTuple):
    """A regular file, as it was when the scan saw it.

    A named tuple, since a rescan makes one for each file: a frozen dataclass takes three times as long.
    """

    root: bytes
    path: bytes
    status: os.stat_result


@dataclass(frozen=True, slots=True)
class PassedBy:
    """A path that can't be an image; ``failed`` tells a thing that should have worked from one left out on purpose.

    ``status`` is None where the path could not even be looked at. ``hides_below``: what lies below the path can't be
    seen, which doesn't mean that it is gone.
    """

    root: bytes
    path: bytes
    status: os.stat_result | None
    failed: bool
    reason: str
    detail: str
    hides_below: bool = False


def resolve_roots(folders: Sequence[str | bytes | os.PathLike[str]]) -> list[bytes]:
    """Absolute real paths of *folders*, without those that lie inside another: no file is to be seen twice.

    Raises:
        ImageUnreadable: a folder isn't there.
    """
    roots: dict[tuple[int, int], bytes] = {}
    for folder in folders:
        path = os.path.realpath(os.fsencode(folder))
        try:
            status = os.stat(path)
        except OSError as error:
            told = "is not there; give a folder of images, or one image"
            if not isinstance(error, FileNotFoundError | NotADirectoryError):
                told = f"can't be reached: {error.strerror}"
            raise ImageUnreadable(f"{os.fsdecode(path)!r} {told}") from error
        # Where cases aren't told apart "Photos" and "photos" are one folder, as are both ends of a bind mount.
        identity = (status.st_dev, status.st_ino)
        roots[identity] = min(path, roots.get(identity, path))
    return [
        root
        for root in sorted(roots.values())
        if not any(root != other and root.startswith(with_slash(other)) for other in roots.values())
    ]


def scan_folder(
    root: bytes, rules: CompiledRules = NO_RULES, *, place: bytes | None = None
) -> Iterator[FoundFile | PassedBy]:
    """Everything below *root*, which may be a single file too.

    Args:
        root: an absolute real path.
        rules: what is left out.
        place: only what is at or below this path, which lies at or below *root*; nothing where it isn't there any
            more, or where a folder above it is left out.
    """
    walk = Walk(root, rules)
    return walk.everything() if place is None or place == root else walk.only(place)


def scan_folders(
    roots: Sequence[bytes], rules: CompiledRules, places: Sequence[bytes] | None = None
) -> Iterator[FoundFile | PassedBy]:
    """`scan_folder` of each of *roots*; with *places*, only of these, each in the root that it lies in."""
    for root in roots:
        if places is None:
            yield from scan_folder(root, rules)
            continue
        for place in places:
            if place == root or place.startswith(with_slash(root)):
                yield from scan_folder(root, rules, place=place)


class Entry(NamedTuple):
    """What a folder's listing says of one name; ``key`` sorts it to where its paths belong."""

    key: bytes
    path: bytes
    is_folder: bool
    through_link: bool
    verdict: Verdict | None


KEY_OF_ENTRY = attrgetter("key")


@dataclass(frozen=True, slots=True)
class Step:
    """A folder being walked: what is still to come of it, last first."""

    entries: list[Entry]
    scope: IgnoreScope
    outside: bool


@dataclass(slots=True)
class Walk:
    """One scan of one root."""

    root: bytes
    rules: CompiledRules
    outside_seen: dict[tuple[int, int], bytes] = field(default_factory=dict)  # folders reached through links

    def everything(self) -> Iterator[FoundFile | PassedBy]:
        """All at and below the root."""
        try:
            status = os.lstat(self.root)
        except (FileNotFoundError, NotADirectoryError):
            return  # which the end of the scan tells by itself: nothing below it is taken for gone
        except OSError as error:
            yield self.hide(self.root, error)
            return
        if stat.S_ISDIR(status.st_mode):
            yield from self.below(self.root, IgnoreScope(with_slash(self.root)))
        else:
            yield self.look_at(self.root, status)

    def only(self, place: bytes) -> Iterator[FoundFile | PassedBy]:
        """What is at and below *place*, judged as if the walk had come there from the root."""
        folder, scope = with_slash(self.root), IgnoreScope(with_slash(self.root))
        names = place[len(folder) :].split(b"/")
        outside = False
        for depth, name in enumerate(names):
            if os.path.lexists(folder + IGNORE_FILE):
                scope, _ = read_ignore_file(scope, folder)
            try:
                entry = self.judge(scope, folder, name, os.lstat(folder + name))
            except (FileNotFoundError, NotADirectoryError):
                return
            except OSError as error:  # like a folder: what is known below isn't gone because it can't be seen
                yield self.hide(place, error)
                return
            outside = outside or (entry.is_folder and entry.through_link)
            if depth == len(names) - 1:
                yield from self.pursue(entry, scope, outside=outside)
                return
            if entry.verdict is not None:
                return
            told = self.refuse_link(entry) if outside else None if entry.is_folder else self.settle(entry)
            if isinstance(told, PassedBy) and told.hides_below:
                yield told
            if told is not None:
                return
            folder += name + b"/"

    def judge(self, scope: IgnoreScope, folder: bytes, name: bytes, status: os.stat_result) -> Entry:
        """The entry *name* of *folder*, whose ``lstat`` is known."""
        is_link = stat.S_ISLNK(status.st_mode)
        is_folder = stat.S_ISDIR(status.st_mode) or (
            is_link and self.rules.follow_links and os.path.isdir(folder + name)
        )
        return self.entry(scope, folder, name, is_folder=is_folder, is_link=is_link)

    def entry(self, scope: IgnoreScope, folder: bytes, name: bytes, *, is_folder: bool, is_link: bool) -> Entry:
        """An entry with the rules' verdict."""
        verdict = self.rules.judge(scope, folder, name, is_folder=is_folder)
        return Entry(name + b"/" if is_folder and verdict is None else name, folder + name, is_folder, is_link, verdict)

    def below(self, folder: bytes, scope: IgnoreScope, *, outside: bool = False) -> Iterator[FoundFile | PassedBy]:
        """All below *folder*, in the order of paths."""
        # A stack of our own: folders may lie deeper than Python calls.
        steps: list[Step] = []
        first = self.open_folder(folder, scope, outside=outside)
        yield from first[1]
        steps += first[0]
        while steps:
            step = steps[-1]
            if not step.entries:
                steps.pop()
                continue
            entry = step.entries.pop()
            if not entry.is_folder and entry.verdict is None and not entry.through_link:  # what most entries are
                try:
                    status = os.lstat(entry.path)
                except OSError as error:
                    yield self.fail(entry.path, error)
                    continue
                if stat.S_ISREG(status.st_mode):
                    yield FoundFile(self.root, entry.path, status)
                else:
                    yield self.settle(entry)
            elif entry.is_folder and entry.verdict is None:
                goes_outside = step.outside or entry.through_link
                refused = self.refuse_link(entry) if goes_outside else None
                if refused is not None:
                    yield refused
                    continue
                opened, told = self.open_folder(entry.path, step.scope, outside=goes_outside)
                yield from told
                steps += opened
            else:
                yield self.settle(entry)

    def open_folder(self, folder: bytes, scope: IgnoreScope, *, outside: bool) -> tuple[list[Step], list[PassedBy]]:
        """The step into *folder*, none where it can't be listed; and what is wrong with it."""
        begin = with_slash(folder)
        told: list[PassedBy] = []
        try:
            with os.scandir(folder) as listing:
                kinds = [(entry.name, entry.is_dir(follow_symlinks=False), entry.is_symlink()) for entry in listing]
        except OSError as error:
            return [], [self.hide(folder, error)]
        if any(name == IGNORE_FILE for name, _, _ in kinds):
            scope, problem = read_ignore_file(scope, begin)
            if problem is not None:
                kinds = [kind for kind in kinds if kind[0] != IGNORE_FILE]
                told = [PassedBy(self.root, begin + IGNORE_FILE, None, True, *problem)]
        let_through = self.rules.lets_plain_names_through(scope)
        entries = [
            Entry._make((name, begin + name, False, False, None))
            if let_through and not is_dir and not is_link and name[0] not in ODD_STARTS
            else self.entry(
                scope,
                begin,
                name,
                is_folder=is_dir or (is_link and self.rules.follow_links and os.path.isdir(begin + name)),
                is_link=is_link,
            )
            for name, is_dir, is_link in kinds
        ]
        entries.sort(key=KEY_OF_ENTRY, reverse=True)
        return [Step(entries, scope, outside)], told

    def pursue(self, entry: Entry, scope: IgnoreScope, *, outside: bool) -> Iterator[FoundFile | PassedBy]:
        """The entry, and what is below it."""
        if not entry.is_folder or entry.verdict is not None:
            yield self.settle(entry)
            return
        refused = self.refuse_link(entry) if outside else None
        if refused is not None:
            yield refused
        else:
            yield from self.below(entry.path, scope, outside=outside)

    def settle(self, entry: Entry) -> FoundFile | PassedBy:
        """An entry that isn't a folder to walk."""
        try:
            status = os.lstat(entry.path)
            if entry.verdict is not None:
                return PassedBy(self.root, entry.path, status, False, *entry.verdict)
            if stat.S_ISLNK(status.st_mode) and self.rules.follow_links:
                try:
                    status = os.stat(entry.path)
                except OSError as error:
                    return self.refuse_broken_link(entry.path, status, error)
            return self.look_at(entry.path, status)
        except OSError as error:
            return self.fail(entry.path, error)

    def refuse_link(self, entry: Entry) -> PassedBy | None:
        """Why the folder *entry*, reached through a link, isn't walked; None where it is.

        What lies in the root is seen by its own path, and a folder outside of it once.
        """
        try:
            target = os.path.realpath(entry.path)
            status = os.stat(entry.path)
        except OSError as error:
            return self.hide(entry.path, error)
        if with_slash(self.root).startswith(with_slash(target)) or (entry.path + b"/").startswith(with_slash(target)):
            return PassedBy(self.root, entry.path, status, False, "link-loop", f"leads back to {os.fsdecode(target)}")
        if target.startswith(with_slash(self.root)):
            return PassedBy(
                self.root, entry.path, status, False, "symbolic-link", f"{os.fsdecode(target)} is scanned itself"
            )
        before = self.outside_seen.setdefault((status.st_dev, status.st_ino), entry.path)
        if before != entry.path:
            loops = entry.path.startswith(before + b"/")
            told = f"leads to the same folder as {os.fsdecode(before)}"
            return PassedBy(self.root, entry.path, status, False, "link-loop" if loops else "symbolic-link", told)
        return None

    def look_at(self, path: bytes, status: os.stat_result) -> FoundFile | PassedBy:
        """A regular file is found; links and special files are passed by."""
        if stat.S_ISREG(status.st_mode):
            return FoundFile(self.root, path, status)
        if stat.S_ISLNK(status.st_mode):
            return PassedBy(
                self.root, path, status, False, "symbolic-link", "links are not followed; see --follow-links"
            )
        return PassedBy(self.root, path, status, False, "not-a-file", "a pipe, socket or device")

    def refuse_broken_link(self, path: bytes, status: os.stat_result, error: OSError) -> PassedBy:
        """A link that is to be followed and can't be. It may have led to a folder, as of a disk that isn't mounted now:
        what is known below it stays.
        """
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return PassedBy(self.root, path, status, False, "dangling-link", "it leads nowhere", hides_below=True)
        if error.errno == errno.ELOOP:
            return PassedBy(self.root, path, None, True, "unreadable", str(error.strerror), hides_below=True)
        return self.hide(path, error)

    def hide(self, path: bytes, error: OSError) -> PassedBy:
        """A folder, or what may lead to one, that can't be seen into."""
        return PassedBy(self.root, path, None, True, "unreadable-folder", str(error.strerror), hides_below=True)

    def fail(self, path: bytes, error: OSError) -> PassedBy:
        """A path that can't be looked at."""
        if isinstance(error, FileNotFoundError):
            return PassedBy(self.root, path, None, False, "gone-meanwhile", "it went while its folder was looked at")
        return PassedBy(self.root, path, None, True, "unreadable", str(error.strerror))


def with_slash(folder: bytes) -> bytes:
    """*folder* with exactly one slash at its end: what the paths below it begin with."""
    return folder.rstrip(b"/") + b"/"
