"""`glassgrad step`: a typed expression as a page, or a terminal session, that steps through its passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from unicodedata import normalize

from autograd import Expression, Steps, Value, steps
from nn.files import write_text
from nn.module import counted

PAGE = "backprop.html"
RESULT = "a"  # the activation of a neuron, in most textbooks


def step(
    expression: str,
    assignments: Sequence[str] = (),
    loss: str | None = None,
    result: str = RESULT,
    out: str | None = None,
    terminal: bool = False,
) -> bool:
    """Writes the page that steps through an expression, or steps in the terminal; returns True.

    `assignments` are NAME=NUMBER for each name in it and in `loss`, an expression in which `result` is what
    the first one gives. Raises ValueError or OSError for anything else; nothing is written then.
    """
    if terminal and out is not None:
        raise ValueError(f"--terminal writes no page, so that --out {out} has no use; give one of them")
    if out is not None and Path(out).suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"--out {out} is no name of a page; expected one that ends in .html, such as {PAGE}")
    name, equals, _ = expression.partition("=")
    if equals and name.strip().isidentifier():
        raise ValueError(
            f"{expression!r} assigns; expected an expression first, such as 'w*x', and then w=0.5"
        )
    passed = recorded(Expression(expression), None if loss is None else Expression(loss), result, assignments)
    try:
        if terminal:
            passed.show()
            return True
        path = Path(PAGE if out is None else out)
        with TemporaryDirectory() as folder:
            page = Path(folder) / PAGE
            passed.save(page)
            write_text(path, page.read_text(encoding="utf-8"))
    except ImportError as error:
        raise ValueError(str(error)) from None
    print(f"wrote {path}: {counted(len(passed), 'step')}; open it in a browser")
    return True


def recorded(
    expression: Expression, loss: Expression | None, result: str, assignments: Sequence[str]
) -> Steps:
    """The steps of an expression, and of the loss of its result, at the numbers that are assigned."""
    numbers = assigned(assignments)
    wanted = list(expression.names)
    if loss is not None:
        check_result(expression, loss, result)
        wanted += [name for name in loss.names if name not in (result, *wanted)]
    check_names(wanted, numbers)
    values = {name: Value(numbers[name], name) for name in wanted}
    output = expression(**{name: values[name] for name in expression.names})
    names = {} if result in wanted else {result: output}
    if loss is not None:
        values[result] = output
        output = loss(**{name: values[name] for name in loss.names})
    if output.is_leaf:
        raise ValueError(
            f"{(loss or expression).text!r} computes nothing from a name; expected something like 2*x"
        )
    return steps(output, names=names)


def assigned(assignments: Sequence[str]) -> dict[str, float]:
    """The numbers in words such as "w=0.5", by name; ValueError for another word or a name given twice.

    >>> assigned(["w=0.5", "x=-2"])
    {'w': 0.5, 'x': -2.0}
    """
    numbers: dict[str, float] = {}
    for word in assignments:
        name, equals, number = word.partition("=")
        name = normalize("NFKC", name.strip())  # as Python spells names
        if not equals or not name.isidentifier():
            raise ValueError(
                f"{word!r} gives no name a number; expected NAME=NUMBER such as w=0.5 "
                "(an expression with spaces, brackets or * needs quotes around it)"
            )
        if name in numbers:
            raise ValueError(f"{word!r}: {name} has a number already, {numbers[name]:g}; give it once")
        try:
            numbers[name] = float(number)
        except ValueError:
            raise ValueError(
                f"{word!r}: {number.strip()!r} is no number; expected one such as {name}=0.5, and a space "
                "before the next"
            ) from None
    return numbers


def check_result(expression: Expression, loss: Expression, result: str) -> None:
    """Raise ValueError unless the loss depends on the result of the expression, under a name of its own."""
    if not result.isidentifier():
        raise ValueError(f"--as {result} is no name; expected one such as out")
    if result in expression.names:
        raise ValueError(
            f"{result} is a name in {expression.text!r}, and in --loss its result is called {result} too; "
            "call that otherwise, for instance --as out"
        )
    if result not in loss.names:
        raise ValueError(
            f"--loss {loss.text!r} does not use {result}, which is what {expression.text!r} gives; "
            f"write it with {result}, or say what --loss calls it by --as NAME"
        )


def check_names(wanted: Sequence[str], numbers: Mapping[str, float]) -> None:
    """Raise ValueError unless the names that are wanted have numbers, and no others do."""
    missing = [name for name in wanted if name not in numbers]
    extra = [name for name in numbers if name not in wanted]
    unused = (
        f"{' and '.join(extra)} does not occur" if len(extra) == 1 else f"{', '.join(extra)} do not occur"
    )
    if missing:
        add = " ".join([f"{name}=NUMBER" for name in missing])
        also = f"; {unused} (mistyped?)" if extra else ""
        raise ValueError(f"no number for {', '.join(missing)}: add {add}{also}")
    if extra:
        names = f"the names are {', '.join(wanted)}" if wanted else "there are no names"
        raise ValueError(f"{unused}; {names}")
