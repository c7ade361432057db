"""The compiler: a function of one example, recorded once, becomes instructions for whole batches."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from autograd.compiler.program import Program

__all__ = ["compile"]


def compile(
    function: Callable[..., Any],
    *example: Any,
    dtype: Any = "float64",
    threads: int = 1,
    on_branch: Literal["record", "error"] = "record",
) -> "Program":
    """`function`, which is written for one example, as a `Program` that runs over batches of them.

    It is run once, on `example`: a number or a (nested) list of numbers for each argument. The leaves it
    uses besides, and which others can reach, are its parameters; their `data` is read at each call, and what
    was computed from them outside is computed anew. Plain numbers that it reads stay as they are. Where it
    compares Values, in the thread that runs it, to choose what to do, rows that would choose otherwise are
    recorded and run along their own branch, or with on_branch="error" refused by line and row. dtype:
    "float64" or "float32". threads: how many work on the rows of a batch.

    Raises TypeError for arguments or results that are not made of numbers, and where `function` turns a
    Value that depends on an input into a plain number, reads its `data`, copies it or calls its
    `backward`; ImportError without numpy and numba (`pip install "glassgrad[fast]"`).

    >>> from autograd import Value
    >>> w = Value(2.0)
    >>> program = compile(lambda x: w * x if x > 0 else -x, 1.0)
    >>> program([1.0, 2.0, -3.0]).tolist()
    [2.0, 4.0, 3.0]
    >>> value, gradient = program.value_and_grad([1.0, 2.0, -3.0])
    >>> value, gradient.tolist()
    (3.0, [1.0])
    """
    try:
        from autograd.compiler.program import Program
    except ImportError as error:
        raise ImportError(
            f'compiling needs numpy and numba: pip install "glassgrad[fast]" ({error})'
        ) from None
    _check_options(function, dtype, threads, on_branch)
    return Program(function, example, dtype, threads, on_branch == "record")


def _check_options(function: Any, dtype: Any, threads: Any, on_branch: Any) -> None:
    """Raise TypeError or ValueError for what is none, before the function is run."""
    if not callable(function):
        raise TypeError(
            "function must be callable, such as a model or lambda x: w * x; "
            f"got {function!r} ({type(function).__name__})"
        )
    if on_branch not in ("record", "error"):
        raise ValueError(f'on_branch must be "record" or "error", got {on_branch!r}')
    if dtype not in ("float64", "float32", float):
        raise ValueError(f'dtype must be "float64" or "float32", got {dtype!r}')
    if not isinstance(threads, int) or threads < 1:
        raise ValueError(f"threads must be a whole number from 1 on, got {threads!r}")
