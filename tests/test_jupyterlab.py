"""The stepper and the film in a live JupyterLab, and in notebooks as nbconvert renders them.

JupyterLab is not installed beside the project, whose tests need no more than a kernel: the environment variable
GLASSGRAD_JUPYTER names the program `jupyter` of an environment that has it.
"""

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from browser import ROOT, chromium, missing, needed, visit

nbformat = needed("nbformat", '"glassgrad[notebook]"')
needed("ipykernel", '"glassgrad[notebook]"')
if not shutil.which("dot"):
    needed("pygraphviz", '"glassgrad[draw]"')

STEPPER = """
import autograd
from autograd import Value, sigmoid
x, w = Value(-1.28, "x"), Value(0.5, "w")
L = (sigmoid(w * x) - 1.0) ** 2
L.label = "L"
steps = autograd.steps(L)
steps
"""
FILM = """
from nn import MLP, SGD, fit, hinge
model = MLP(2, [3, 1], seed=0)
rows, signs = [[0.0, 1.0], [1.0, 0.5], [2.0, -1.0], [0.5, 0.5]], [1, -1, -1, 1]
history = fit(
    model, rows, signs, loss=hinge, optimizer=SGD(model.parameters(), lr=0.1), epochs=3, watch=1, progress=False
)
history.watch()
"""
NUMBERS = "print([step.sentence for step in steps][-1], history.watch().frames[-1].loss, sep='\\n')"

SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},  # else cells out of sight are not there
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


def notebook():
    """The three cells, not run."""
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in (STEPPER, FILM, NUMBERS)]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    kernel = {"name": "tested", "display_name": "tested", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def settle(folder):
    """A home for Jupyter in `folder`, with one kernel, which imports this source tree; and its environment."""
    kernel = folder / "jupyter" / "kernels" / "tested"
    for new in (kernel, folder / "settings" / "@jupyterlab"):
        new.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "tested", "language": "python", "env": {"PYTHONPATH": str(ROOT)}}
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    for extension, chosen in SETTINGS.items():
        file = folder / "settings" / "@jupyterlab" / f"{extension}.jupyterlab-settings"
        file.parent.mkdir()
        file.write_text(json.dumps(chosen), encoding="utf-8")
    places = {
        "HOME": folder,
        "JUPYTER_PATH": folder / "jupyter",
        "JUPYTER_CONFIG_DIR": folder / "config",
        "JUPYTER_DATA_DIR": folder / "data",
        "JUPYTER_RUNTIME_DIR": folder / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": folder / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
        "IPYTHONDIR": folder / "ipython",
    }
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "PYTHON"))}
    return inherited | {key: str(place) for key, place in places.items()}


@contextmanager
def jupyterlab(folder):
    """The address and token of a JupyterLab that serves `folder`; it and its kernels are ended in every case."""
    program = os.environ.get("GLASSGRAD_JUPYTER")
    if not program:
        missing("GLASSGRAD_JUPYTER does not name the program jupyter of an environment with jupyterlab")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    settings = [
        *("--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--port-retries=0"),
        *(f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"),
        "--KernelSpecManager.ensure_native_kernel=False",
    ]
    with (folder / "jupyter.log").open("wb") as log:
        server = subprocess.Popen(
            [program, "lab", *settings],
            env=settle(folder),
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that its kernels can be ended with it
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/api/status?token={token}", server, folder / "jupyter.log")
        yield address, token
    finally:
        end(server)


def wait_for(address, server, log):
    """Returns when the server answers; fails when it has ended, or after half a minute."""
    for _ in range(150):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            assert server.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.2)
    pytest.fail(f"JupyterLab does not answer:\n{log.read_text(encoding='utf-8')}")


def end(server):
    """Ends the server as a user does, who lets it end its kernels; then whatever is left of its group."""
    server.terminate()
    try:
        with suppress(subprocess.TimeoutExpired):
            server.wait(timeout=10)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def test_a_live_jupyterlab_shows_the_stepper_and_the_film(browser, tmp_path):
    """All cells run; both frames are pages that work by keyboard, and their numbers are the kernel's."""
    nbformat.write(notebook(), tmp_path / "both.ipynb")
    with jupyterlab(tmp_path) as (address, token):
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        context.set_default_timeout(30_000)
        try:
            page = context.new_page()
            page.goto(f"{address}/lab/tree/both.ipynb?token={token}&reset")
            printed = run_all(page)
            check_stepper(page, printed[0])
            check_film(page, printed[1])
        finally:
            context.close()


def run_all(page):
    """The lines that the last cell printed, once everything has run."""
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_selector("text=tested | Idle")  # else it asks which kernel to use
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    output = page.locator(".jp-CodeCell").nth(2).locator(".jp-OutputArea-output pre")
    return output.inner_text().strip().split("\n")


def check_stepper(page, last):
    """The first frame steps to its last step, whose sentence the kernel has printed."""
    stepper = page.locator("iframe[title^='Step through']")
    stepper.scroll_into_view_if_needed()
    inside = stepper.content_frame
    inside.locator("#slider").focus()
    page.keyboard.press("End")
    assert inside.locator("#sentence").inner_text().rstrip(".") == last.rstrip(".")
    count = place(inside)[1]
    assert place(inside) == [count, count]
    page.keyboard.press("ArrowLeft")
    assert place(inside) == [count - 1, count]
    page.keyboard.press("ArrowRight")
    assert place(inside) == [count, count]


def place(inside):
    """Which step the stepper shows, and of how many."""
    return [int(found) for found in re.findall(r"\d+", inside.locator("#place").inner_text())]


def check_film(page, loss):
    """The second frame's last loss is the kernel's, to four digits."""
    film = page.locator("iframe[title^='Film of']")
    film.scroll_into_view_if_needed()
    inside = film.content_frame
    inside.locator("#play").focus()
    page.keyboard.press("End")
    said = inside.locator("#now").inner_text()
    assert said == f"Step 3 of 3, loss {float(loss):.4g}"
    assert inside.locator("#unit-3 .body").is_visible()
    page.keyboard.press("ArrowLeft")
    assert inside.locator("#now").inner_text().startswith("Step 2 of 3")


# ── notebooks that nobody runs any more ───────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """The notebook with its outputs, as one HTML text of nbconvert."""
    nbclient = needed("nbclient", '"glassgrad[notebook]"')
    nbconvert = needed("nbconvert", '"glassgrad[dev]"')
    run = notebook()
    run.metadata.kernelspec.name = "python3"
    client = nbclient.NotebookClient(
        run, timeout=60, resources={"metadata": {"path": tmp_path_factory.mktemp("run")}}
    )
    client.execute(env=os.environ | {"PYTHONPATH": str(ROOT)})
    body, _ = nbconvert.HTMLExporter(template_name="basic").from_notebook_node(run)
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Notebook</title><body>{body}</body></html>'


def test_a_rendered_notebook_shows_both_pages(browser, rendered, tmp_path):
    """Offline, without a kernel; each frame works."""
    Path(tmp_path / "notebook.html").write_text(rendered, encoding="utf-8")
    with visit(browser, tmp_path / "notebook.html", own=("about:srcdoc",)) as page:
        stepper, film = [frame.content_frame for frame in page.locator("iframe").all()]
        stepper.locator("#next").click()
        assert place(stepper)[0] == 2
        film.locator("#last").click()
        assert film.locator("#now").inner_text().startswith("Step 3 of 3, loss ")


def test_where_frames_are_removed_pictures_stand_in(browser, rendered, tmp_path):
    """As in viewers that take out iframes but not what is inside them: the graph, and the curve of the loss."""
    without = re.sub(r'</?iframe(?:"[^"]*"|[^>"])*>', "", rendered)
    Path(tmp_path / "notebook.html").write_text(without, encoding="utf-8")
    with visit(browser, tmp_path / "notebook.html") as page:
        pictures = page.locator("img").all()
        sizes = [p.evaluate("async image => (await image.decode(), image.naturalWidth)") for p in pictures]
        assert len(sizes) == 2
        assert min(sizes) > 100
        said = [picture.get_attribute("alt") for picture in pictures]
        assert said[0].startswith("The graph of ")
        assert said[1].startswith("The loss of MLP(2 → 3 relu → 1, 13 parameters): ")
