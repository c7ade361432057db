"""Files and folders that are written whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path


def write_text(path: str | PathLike[str], text: str) -> None:
    """Writes a UTF-8 text file, replacing what was there at once: never is a part of it to be seen.

    OSError if it cannot be written; what was there is then still there.
    """
    with new_file(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def new_file(path: str | PathLike[str]) -> Iterator[Path]:
    """A file to write, which takes the place of `path` at the end, or disappears where an error ends that.

    OSError, which names `path`, if it cannot be written.
    """
    final = Path(path)
    partial = final.with_name(f".{final.name}.{os.getpid()}.partial")
    try:
        yield partial
        os.replace(partial, final)
    except OSError as error:
        raise type(error)(f"{path}: {error.strerror or error}; nothing was written") from None
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def new_folder(path: str | PathLike[str]) -> Iterator[Path]:
    """A folder to fill, which becomes `path` at the end, or disappears if an error ends the filling.

    OSError if there is something at `path`, unless it is an empty folder.
    """
    final = Path(path).absolute()
    partial = final.with_name(f".{final.name}.{os.getpid()}.partial")
    partial.mkdir()
    try:
        yield partial
        if final.is_dir():
            final.rmdir()
        partial.rename(final)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
