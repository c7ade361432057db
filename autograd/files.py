"""Files that are written whole or not at all."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["write_whole"]


def write_whole(path: str | os.PathLike[str], content: bytes) -> "Path":
    """The file at `path`, which holds `content` from one moment to the next.

    Whoever reads it meanwhile sees what stood there before. OSError, which names `path`, if it cannot be
    written; what stood there before is then still there.
    """
    from pathlib import Path  # slow to load

    target = Path(path)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        partial.write_bytes(content)
        partial.replace(target)
    except OSError as error:
        raise type(error)(f"{path}: {error.strerror or error}; nothing was written") from None
    finally:
        partial.unlink(missing_ok=True)
    return target
