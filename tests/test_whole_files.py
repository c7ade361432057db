"""Tests of autograd.files."""

from pathlib import Path

import pytest

from autograd.files import write_whole


def test_a_file_is_replaced_by_the_new_one(tmp_path):
    """The path comes back, and the folder has nothing else in it."""
    path = tmp_path / "page.html"
    path.write_text("old")
    assert write_whole(str(path), "neu ∂".encode()) == path
    assert path.read_text(encoding="utf-8") == "neu ∂"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_what_was_there(tmp_path, monkeypatch):
    """A full disk: the old file stays, and no part of the new one."""
    path = tmp_path / "page.html"
    path.write_text("old")
    write = Path.write_bytes

    def full(target, content):
        write(target, content[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"new and longer")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_missing_is_told_by_the_path_given(tmp_path):
    """The error names the file asked for, not the one in between, and says that nothing was written."""
    path = tmp_path / "missing" / "page.html"
    with pytest.raises(FileNotFoundError) as told:
        write_whole(path, b"new")
    assert str(told.value) == f"{path}: No such file or directory; nothing was written"
