"""The shared memory in which a worker says what it is at."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

import pytest

from lookalike.errors import ExecutionError
from lookalike.execution.board import Board, new_board_file

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="files in memory and /dev/full are Linux's")
IN_A_FULL_FOLDER = """
import os, tempfile
from lookalike.errors import ExecutionError
from lookalike.execution import board
if hasattr(os, "memfd_create"):
    del os.memfd_create
tempfile.TemporaryFile = lambda: open("/dev/full", "r+b", buffering=0)
try:
    board.new_board_file()
except ExecutionError as error:
    print(error)
"""


@ON_LINUX
def test_a_board_needs_no_folder_for_temporary_files(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    file = new_board_file()
    board = Board(file)
    board.begin()
    assert board.read().begun == 1
    board.close()
    os.close(file)


def test_the_bytes_of_a_board_are_there_before_anyone_touches_them():
    file = new_board_file()
    assert os.fstat(file).st_blocks * 512 >= os.fstat(file).st_size > 0
    os.close(file)


@ON_LINUX
def test_a_full_folder_for_temporary_files_is_an_error_that_says_so():
    done = subprocess.run([sys.executable, "-c", IN_A_FULL_FOLDER], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "No space left" in done.stdout


def test_a_missing_folder_for_temporary_files_is_an_error_that_says_so(monkeypatch):
    monkeypatch.delattr(os, "memfd_create", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    with pytest.raises(ExecutionError, match="TMPDIR"):
        new_board_file()
