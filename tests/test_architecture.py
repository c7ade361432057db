"""The direction of imports, and what may be imported at all, read from the source with `ast`."""

import ast
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import autograd

ROOT = Path(autograd.__file__).parents[1]

# Each file may import those above it. A new file has to find its place here.
AUTOGRAD = [
    "files", "ieee", "operands", "operation", "ops", "graph", "backpropagation", "pickling", "value",
    "derivatives", "checking", "carets", "grammar", "expressions", "formulas", "latex", "mathml", "plain",
    "drawing.labels", "drawing.unfolding", "drawing.clusters", "drawing.picture", "drawing.reach", "drawing.source",
    "drawing.rendering", "naming", "drawing.drawing", "stating", "explaining.paths",
    "explaining.sections", "explaining.shown", "explaining.explanation", "explaining.explain",
    "stepping.typesetting", "stepping.wording", "stepping.step", "stepping.groups", "stepping.keyboard",
    "stepping.outline", "stepping.session", "stepping.screen", "stepping.terminal", "page.programs",
    "page.notations", "page.layout", "page.crowds", "page.board", "page.export", "page.document",
    "stepping.sequence", "stepping.mistakes", "stepping.telling", "lessons", "compiler.errors", "compiler.collector", "compiler.machine", "compiler.objects",
    "compiler.plans.decisions", "compiler.plans.recording", "compiler.plans.tape",
    "compiler.plans.adjoint", "compiler.plans.linear", "compiler.plans.grouping",
    "compiler.plans.likeness", "compiler.plans.layout", "compiler.plans.planning",
    "compiler.plans.written", "compiler.plans.splitting", "compiler.equations.writing", "compiler.equations.naming",
    "compiler.equations.regions", "compiler.equations.blocks", "compiler.equations.portions",
    "compiler.equations.script", "compiler.equations.layers", "compiler.execution.custom",
    "compiler.execution.vectors", "compiler.execution.columns", "compiler.execution.codes",
    "compiler.execution.operands", "compiler.execution.fusing", "compiler.execution.listing", "compiler.execution.encoding",
    "compiler.equations.counting", "compiler.equations.show",
    "compiler.source.words", "compiler.source.arrays", "compiler.source.gathering",
    "compiler.source.phrasing", "compiler.source.totals", "compiler.source.statements",
    "compiler.source.exporting", "compiler.equations.diagram", "compiler.equations.conditions",
    "compiler.execution.elementwise", "compiler.execution.views", "compiler.execution.calling",
    "compiler.execution.magnitudes", "compiler.execution.instructions", "compiler.execution.sums", "compiler.execution.endings", "compiler.execution.tiles", "compiler.execution.products", "compiler.execution.single",
    "compiler.execution.totals", "compiler.execution.kernels",
    "compiler.execution.batches", "compiler.execution.executor", "compiler.execution.running",
    "compiler.execution.pipeline", "compiler.execution.stepwise", "compiler.execution.careful", "compiler.equations.reading", "compiler.arguments",
    "compiler.data", "compiler.quick", "compiler.variants", "compiler.program",
]  # fmt: skip
NN = [
    "checks", "files", "data.rows", "data.tables", "data.datasets", "data.point_sets", "data.scaling",
    "activations", "initialisers", "module", "layers", "networks", "saving", "losses", "optim.clipping",
    "optim.optimizer", "optim.optimizers", "optim.schedules", "training.metrics", "training.stopping",
    "training.steps", "training.story", "training.compiled", "training.sampling", "training.choosing",
    "training.interruption", "plane", "plotting", "watching.anatomy", "watching.frames",
    "watching.symptoms", "watching.static", "watching.animation", "watching.film", "watching.watcher",
    "training.history", "training.fitting", "command.task", "command.results", "command.train",
    "command.predict", "command.step", "command.main",
]  # fmt: skip
ORDER = {"autograd": AUTOGRAD, "nn": NN}


def files(package):
    """Every Python file of the package by its dotted name within it."""
    folder = ROOT / package
    return [".".join(path.relative_to(folder).with_suffix("").parts) for path in sorted(folder.rglob("*.py"))]


FILES = [(package, name) for package in ORDER for name in files(package)]
MODULES = [(package, name) for package, name in FILES if not name.endswith("__")]

everywhere = pytest.mark.parametrize(("package", "name"), FILES)
in_modules = pytest.mark.parametrize(("package", "name"), MODULES)


def tree(package, name):
    path = ROOT.joinpath(package, *name.split(".")).with_suffix(".py")
    return ast.parse(path.read_text(encoding="utf-8"))


def for_types_only(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def nodes(top, *, into_functions=True):
    """All nodes below `top`, but for what only a type checker sees."""
    for node in ast.iter_child_nodes(top):
        if for_types_only(node) or (not into_functions and isinstance(node, ast.FunctionDef | ast.Lambda)):
            continue
        yield node
        yield from nodes(node, into_functions=into_functions)


def imports(top, *, into_functions=True):
    """(module, name) for each imported name, the name being "" where the module itself is imported."""
    for node in nodes(top, into_functions=into_functions):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from ((node.module, alias.name) for alias in node.names)


def of_package(package, module, name):
    """The file of `package` that an import of `name` from `module` loads; None for other packages."""
    if module.partition(".")[0] != package:
        return None
    inner, full = (whole.removeprefix(package).lstrip(".") for whole in (module, f"{module}.{name}"))
    return full if full in ORDER[package] else inner or "__init__"


@pytest.mark.parametrize("package", ORDER)
def test_every_file_has_its_place(package):
    """The list of files is complete and has none that are gone."""
    assert sorted(ORDER[package]) == sorted(name for kind, name in MODULES if kind == package)


@in_modules
def test_imports_go_only_downwards(package, name):
    """A file imports only files above it in the list, inside functions too; only types may point upwards."""
    above = ORDER[package][: ORDER[package].index(name)] if name in ORDER[package] else []
    loaded = {of_package(package, *imported) for imported in imports(tree(package, name))} - {None}
    assert loaded <= set(above)


@everywhere
def test_autograd_never_imports_nn(package, name):
    """The engine knows nothing of networks, not even for types."""
    if package == "autograd":
        source = tree(package, name)
        found = [node for node in ast.walk(source) if isinstance(node, ast.Import | ast.ImportFrom)]
        assert not [
            node for node in found if "nn" in ast.unparse(node).replace(",", " ").replace(".", " ").split()
        ]


@everywhere
def test_nn_uses_only_public_names_of_autograd(package, name):
    """From autograd, nn imports names in autograd.__all__ or the package, of which it uses such names."""
    if package != "nn":
        return
    source = tree(package, name)
    for module, imported in imports(source):
        if module.partition(".")[0] == "autograd":
            assert module == "autograd", f"nn.{name} imports {module}"
            assert imported in {"", *autograd.__all__}, f"nn.{name} imports autograd.{imported}"
    for node in ast.walk(source):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "autograd"
        ):
            assert node.attr in autograd.__all__, f"nn.{name}, line {node.lineno}, uses autograd.{node.attr}"


@everywhere
def test_no_third_party_import_at_module_level(package, name):
    """Loading a module loads the standard library and this project; the rest is imported where it is used.

    The compiler's modules need numpy and numba with its llvmlite, and are themselves loaded when something is compiled.
    """
    arrays = (
        {"numpy", "numba", "llvmlite"}
        if name.startswith("compiler.") and name != "compiler.__init__"
        else set()
    )
    allowed = {*sys.stdlib_module_names, "autograd", "nn", *arrays}
    loaded = {module.partition(".")[0] for module, _ in imports(tree(package, name), into_functions=False)}
    assert loaded <= allowed


@everywhere
def test_modules_say_what_they_are(package, name):
    """Every file opens with a docstring whose first line is a sentence."""
    docstring = ast.get_docstring(tree(package, name))
    assert docstring
    assert docstring.partition("\n\n")[0].rstrip().endswith((".", ":"))


def test_no_module_is_named_after_what_it_exports():
    """`from autograd import grad` must not depend on whether a module grad was loaded before.

    A module that is itself public, such as `autograd.lessons`, is the same either way.
    """
    exported = {name for name in autograd.__all__ if not isinstance(getattr(autograd, name), ModuleType)}
    assert not exported & {path.stem for path in (ROOT / "autograd").iterdir()}


def test_public_names_exist_and_are_all_listed():
    """__all__ is what `from autograd import *` gives: every name is there, once."""
    assert len(set(autograd.__all__)) == len(autograd.__all__)
    for name in autograd.__all__:
        assert getattr(autograd, name).__doc__


@pytest.mark.parametrize("package", ORDER)
def test_importing_loads_only_the_standard_library(package):
    """In a fresh process, import of the package loads no module from outside the standard library."""
    program = (
        f"import sys; before = set(sys.modules); import {package}; "
        "loaded = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "print(*loaded - set(sys.stdlib_module_names))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(result.stdout.split()) == {"autograd", package}
