"""What a scan leaves out on purpose: hidden and system names, what ignore files and globs exclude.

The folder that a scan is given is looked at whatever it is called; rules apply to what lies below it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lookalike.errors import RulesError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILE = b".lookalikeignore"
LARGEST_IGNORE_FILE_BYTES = 1 << 20  # some ten thousand patterns; a larger file is something else by mistake

SYSTEM_NAMES = frozenset(
    name.lower().encode()
    for name in (
        # thumbnails that others make of the pictures themselves
        "@eaDir", ".thumbnails", "Thumbs.db", "ehthumbs.db",
        # what was thrown away
        "$RECYCLE.BIN", "#recycle", "@Recycle", ".Trash", ".Trashes", ".dtrash", "lost+found",
        # systems' and file servers' own bookkeeping, earlier states of the same folders among it
        "System Volume Information", ".DS_Store", "desktop.ini", "__MACOSX", ".AppleDouble", ".Spotlight-V100",
        ".fseventsd", ".DocumentRevisions-V100", ".TemporaryItems", "#snapshot", ".snapshot", ".zfs",
        "@Recently-Snapshot",
        # version control
        ".git", ".hg", ".svn",
    )
)  # fmt: skip
"""In lower case: these names are the same whatever their case, since many disks don't tell cases apart."""

SYSTEM_BEGINNINGS = (b".trash-", b"._")  # a trash can for each user id; what macOS puts beside files on foreign disks

ODD_STARTS = frozenset(
    start for name in (b".", *SYSTEM_NAMES, *SYSTEM_BEGINNINGS) for start in (name[0], name[:1].upper()[0])
)
"""First bytes of all names that have a rule of their own; others are neither hidden nor a system's."""


class Verdict(NamedTuple):
    """Why something is left out: the ledger's word, and a sentence."""

    reason: str
    detail: str


HIDDEN = Verdict("hidden", "its name begins with a dot; --hidden looks at such names too")
SYSTEM = Verdict("system", "systems and other programs keep this for themselves; name the folder itself to index it")
NOT_INCLUDED = Verdict("not-included", "no --include pattern fits")


@dataclass(frozen=True, slots=True)
class ScanRules:
    """What a user asked a scan to look at.

    Attributes:
        hidden: also files and folders whose names begin with a dot.
        follow_links: go where symbolic links lead.
        include: globs in gitignore's syntax, relative to the scanned folder; where there are any, only files that fit
            one are looked at.
        exclude: the same for files and folders that are left out.
    """

    hidden: bool = False
    follow_links: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def compile(self) -> CompiledRules:
        """Ready to be asked.

        Raises:
            RulesError: a glob can't be understood.
        """
        for name, globs in (("include", self.include), ("exclude", self.exclude)):
            if isinstance(globs, str):
                raise RulesError(f"{name} is the text {globs!r}; a list of globs was expected, such as [{globs!r}]")
            for glob in globs:
                if problem := problem_of(glob):
                    raise RulesError(f"the glob {glob!r} of {name} can't be understood: {problem}")
        return CompiledRules(
            self.hidden,
            self.follow_links,
            compile_globs(self.include) if self.include else None,
            compile_globs(self.exclude) if self.exclude else None,
        )


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """`ScanRules` whose globs were understood."""

    hidden: bool
    follow_links: bool
    include: GitIgnoreSpec | None
    exclude: GitIgnoreSpec | None

    def lets_plain_names_through(self, scope: IgnoreScope) -> bool:
        """Whether `judge` has nothing against any name in *scope* that begins with none of ``ODD_STARTS``."""
        return scope.is_empty and self.exclude is None and self.include is None

    def judge(self, scope: IgnoreScope, folder: bytes, name: bytes, *, is_folder: bool) -> Verdict | None:
        """Why the entry *name* of *folder*, which begins with the root and ends with a slash, is left out, or None."""
        lower = name.lower()
        if lower in SYSTEM_NAMES or lower.startswith(SYSTEM_BEGINNINGS) or name == IGNORE_FILE:
            return SYSTEM
        if name.startswith(b".") and not self.hidden:
            return HIDDEN
        if self.lets_plain_names_through(scope):
            return None
        slash = b"/" if is_folder else b""
        below_root = os.fsdecode((folder + name + slash)[len(scope.root) :])
        if self.exclude is not None and self.exclude.check_file(below_root).include:
            return Verdict("excluded", "an --exclude pattern fits")
        if (ignored_by := scope.find_ignoring(folder + name + slash)) is not None:
            return Verdict("ignored", f"a line of {os.fsdecode(ignored_by)} fits")
        if self.include is not None and not is_folder and not self.include.check_file(below_root).include:
            return NOT_INCLUDED
        return None


@dataclass(frozen=True, slots=True)
class IgnoreScope:
    """The ignore files that hold in a folder: its own and those above it, up to the root.

    Attributes:
        root: the scanned folder, with a slash at its end.
        folder: where the ignore file lies, with a slash at its end.
        spec: its patterns; None where there is no ignore file so far.
        above: what holds further up.
    """

    root: bytes
    folder: bytes = b""
    spec: GitIgnoreSpec | None = None
    above: IgnoreScope | None = None

    @property
    def is_empty(self) -> bool:
        return self.spec is None

    def find_ignoring(self, path: bytes) -> bytes | None:
        """The ignore file that leaves out *path*; as in git, the innermost one with a fitting line decides."""
        scope: IgnoreScope | None = self
        while scope is not None and scope.spec is not None:
            fits = scope.spec.check_file(os.fsdecode(path[len(scope.folder) :])).include
            if fits is not None:
                return scope.folder + IGNORE_FILE if fits else None
            scope = scope.above
        return None


def read_ignore_file(scope: IgnoreScope, folder: bytes) -> tuple[IgnoreScope, Verdict | None]:
    """What holds in *folder* (a slash at its end), which has an ignore file; and what is wrong with that file, if
    anything. Lines that can't be understood are left out of it, the others hold.
    """
    try:
        # Without waiting: a pipe of that name would never answer.
        descriptor = os.open(folder + IGNORE_FILE, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return scope, Verdict("bad-ignore-file", "it is not a regular file")
            content = file.read(LARGEST_IGNORE_FILE_BYTES + 1)
    except OSError as error:
        return scope, Verdict("bad-ignore-file", f"it can't be read: {error.strerror}")
    if len(content) > LARGEST_IGNORE_FILE_BYTES:
        return scope, Verdict("bad-ignore-file", f"it is larger than {LARGEST_IGNORE_FILE_BYTES:,} bytes")
    # As in git: a line ends at a newline alone, since names may hold the others at which Unicode ends lines.
    lines = [line.removesuffix("\r") for line in os.fsdecode(content).removeprefix("\ufeff").split("\n")]
    problems = {number: problem for number, line in enumerate(lines, 1) if (problem := problem_of(line))}
    spec = compile_globs(line for number, line in enumerate(lines, 1) if number not in problems)
    told = "; ".join(f"line {number}: {problem}" for number, problem in list(problems.items())[:5])
    return IgnoreScope(scope.root, folder, spec, scope), Verdict("bad-ignore-file", told) if told else None


def compile_globs(lines: Iterable[str]) -> GitIgnoreSpec:
    """Patterns in gitignore's syntax (https://git-scm.com/docs/gitignore#_pattern_format)."""
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(lines)


def problem_of(line: str) -> str | None:
    """What is wrong with a pattern."""
    try:
        compile_globs([line])
    except ValueError as error:
        return str(error)
    return None
