"""Tests of nn.files."""

import os

import pytest

from nn.files import new_folder, write_text


def test_text_is_written_as_utf8_with_plain_line_ends(tmp_path):
    """The bytes are the text in UTF-8, on every system, and replace what was there."""
    path = tmp_path / "text.txt"
    path.write_text("old")
    write_text(path, "σ\n")
    assert path.read_bytes() == "σ\n".encode()
    assert os.listdir(tmp_path) == ["text.txt"]


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    """A missing folder, and a folder where the file should be, are errors with the path; nothing is left."""
    with pytest.raises(FileNotFoundError, match=r"nowhere/text\.txt: No such file or directory; nothing was"):
        write_text(tmp_path / "nowhere" / "text.txt", "")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match=r"folder: .*nothing was written"):
        write_text(tmp_path / "folder", "")
    assert os.listdir(tmp_path) == ["folder"]


def test_a_folder_appears_once_it_is_filled(tmp_path):
    """Until the end there is no folder of that name; then it holds all that was put in."""
    final = tmp_path / "results"
    with new_folder(final) as partial:
        (partial / "a.txt").write_text("a")
        assert not final.exists()
    assert (final / "a.txt").read_text() == "a"
    assert os.listdir(tmp_path) == ["results"]


def test_a_folder_whose_filling_fails_disappears(tmp_path):
    """An error, and Ctrl-C, leave nothing behind."""

    def fill_and_fail(error):
        with new_folder(tmp_path / "results") as partial:
            (partial / "a.txt").write_text("a")
            raise error

    for error in (ValueError, KeyboardInterrupt):
        with pytest.raises(error):
            fill_and_fail(error)
        assert os.listdir(tmp_path) == []


def test_what_stands_at_the_place_of_a_folder_is_kept(tmp_path):
    """An empty folder is filled, one with something in it is an error and stays as it is."""
    final = tmp_path / "results"
    final.mkdir()
    with new_folder(final) as partial:
        (partial / "a.txt").write_text("a")
    with pytest.raises(OSError, match="not empty"), new_folder(final) as partial:
        (partial / "b.txt").write_text("b")
    assert os.listdir(final) == ["a.txt"]
    assert os.listdir(tmp_path) == ["results"]
