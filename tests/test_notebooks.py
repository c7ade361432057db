"""The notebooks: each runs without an error, and what is committed is what running it gives.

After a change of a notebook, or of what it prints, write its outputs anew:

    GLASSGRAD_WRITE_NOTEBOOKS=1 pytest tests/test_notebooks.py
"""

import os
import re
import shutil
from pathlib import Path

import pytest

INSTALL = 'not installed: pip install "glassgrad[draw,plot,notebook]"'
nbformat = pytest.importorskip("nbformat", reason=f"nbformat is {INSTALL}")
nbclient = pytest.importorskip("nbclient", reason=f"nbclient is {INSTALL}")
pytest.importorskip("ipykernel", reason=f"ipykernel is {INSTALL}")
pytest.importorskip("matplotlib", reason=f"matplotlib is {INSTALL}")
if not shutil.which("dot"):
    pytest.importorskip("pygraphviz", reason=f"Graphviz is {INSTALL}")

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
COMPARED = ("text/plain", "text/latex", "text/markdown")


def executed(path, folder):
    """The notebook after running it in `folder`, with nothing in it that differs from one run to the next."""
    notebook = nbformat.read(path, as_version=4)
    # The kernel imports this source tree, and shows figures as a notebook does whatever is set here.
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    inherited = [environment["PYTHONPATH"]] if "PYTHONPATH" in environment else []
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *inherited])
    client = nbclient.NotebookClient(
        notebook,
        timeout=120,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": folder}},
    )
    client.execute(env=environment)
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"]}
    for cell in code_cells(notebook):
        # Messages of Graphviz and Matplotlib about the machine's fonts.
        cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    return notebook


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def told(output):
    """What an output says: its text; of a picture its kind, and the words in it if they are text."""
    if output.output_type == "stream":
        return output.text
    data = output.get("data", {})
    words = sorted(re.findall(r"<text[^>]*>(.*?)</text>", data.get("image/svg+xml", "")))
    return sorted(data), [data[kind] for kind in COMPARED if kind in data], words


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture(scope="module")
def fresh(path, tmp_path_factory):
    notebook = executed(path, tmp_path_factory.mktemp("notebook"))
    if os.environ.get("GLASSGRAD_WRITE_NOTEBOOKS"):
        nbformat.write(notebook, path)
    return notebook


def test_outputs_are_what_running_gives(path, fresh):
    """It runs without an error; each committed text, formula and word in a drawing is what running gives."""
    committed = code_cells(nbformat.read(path, as_version=4))
    for cell, rerun in zip(committed, code_cells(fresh), strict=True):
        assert list(map(told, cell.outputs)) == list(map(told, rerun.outputs)), cell.source


def test_committed_notebook_is_complete(path, fresh):
    """Every cell was executed, once, from top to bottom, and its output is there."""
    cells = code_cells(nbformat.read(path, as_version=4))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert sum(bool(cell.outputs) for cell in cells) > 0.8 * len(cells)


def test_committed_notebook_is_of_no_machine(path, fresh):
    """No paths of the machine that ran it, no times, no messages on stderr; below a megabyte."""
    notebook = nbformat.read(path, as_version=4)
    assert list(notebook.metadata) == ["kernelspec"]
    assert notebook.metadata.kernelspec.name == "python3"
    assert not any(cell.metadata for cell in notebook.cells)
    text = path.read_text(encoding="utf-8")
    assert len(text) < 1_000_000
    without_photos = re.sub(r'"image/png": "[^"]*"', "", text)
    assert not re.search(r'/(home|root|tmp|work|usr|Users)/|0x[0-9a-f]{6,}|"stderr"', without_photos)


def test_there_are_eight():
    """The course has the eight notebooks that its README lists, in their order."""
    listed = re.findall(r"\((\w+\.ipynb)\)", (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8"))
    assert [path.name for path in NOTEBOOKS] == listed
    assert len(listed) == 8
