"""What tests in a real browser share: chromium, axe, and a page whose requests and errors are counted.

    @pytest.fixture(scope="module")
    def browser():
        with chromium() as browser:
            yield browser

    def test_...(browser):
        with visit(browser, path) as page:   # a playwright page, offline; closes with a check that all was quiet
            page.click("#next")
            assert faults(page) == []        # what axe finds, serious and critical

Needed are playwright (pip), chromium on the PATH, and axe.min.js of npm's axe-core: the file named by the environment
variable GLASSGRAD_AXE, or node_modules/axe-core/axe.min.js in the project. Where one is missing the tests are skipped and say
what to install, but in CI (the environment variable CI is set) they fail.
"""

import os
import shutil
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GRAVE = ("serious", "critical")


def missing(what):
    """Ends the test: skipped, but failed in CI."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}; in CI nothing may be missing", pytrace=False)
    pytest.skip(what, allow_module_level=True)


def needed(module, install):
    """The module of this name; without it the tests that need it end, and say how to install it."""
    try:
        return import_module(module)
    except ImportError:
        missing(f"{module} is not installed: pip install {install}")


@contextmanager
def chromium():
    """A running chromium, which is ended in every case."""
    sync_playwright = needed("playwright.sync_api", '"glassgrad[dev]"').sync_playwright
    program = shutil.which("chromium")
    if program is None:
        missing("there is no chromium on the PATH: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visit(browser, address, *, width=1280, height=800, own=(), **settings):
    """A page at `address` (a path, opened as file://, or a URL), without a network unless offline=False.

    `page.requests` are the addresses it asked for beside its own, `page.errors` what it threw or wrote to the console as a
    warning or an error; both have to be empty at the end. `own` are further addresses that are no request, such as that of a
    frame's own text, "about:srcdoc", and data: are none either. `settings` are those of playwright's new_context, such as
    color_scheme="dark" or device_scale_factor=2.
    """
    url = address.resolve().as_uri() if isinstance(address, Path) else address
    settings = {"offline": True, "viewport": {"width": width, "height": height}} | settings
    context = browser.new_context(**settings)
    try:
        page = context.new_page()
        listen(page, {url, *own})
        page.goto(url)
        yield page
        assert page.requests == []
        assert page.errors == []
    finally:
        context.close()


def listen(page, own):
    """From now on the page's errors, and its requests but for its `own` addresses, are kept."""
    page.requests = []
    page.errors = []
    page.on(
        "request", lambda request: is_request(request.url, own) and page.requests.append(request.url[:200])
    )
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda said: said.type in ("warning", "error") and page.errors.append(said.text))


def is_request(url, own):
    return url not in own and not url.startswith("data:")


def faults(page, options="{}"):
    """The serious and critical accessibility faults of what the page shows now: (rule, how many, an example).

    `options` are axe.run's, as JavaScript.

    axe's other findings are advice; axe itself is put into the page by the debugger, past its content security policy.
    """
    beside = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    axe = Path(os.environ.get("GLASSGRAD_AXE") or beside)
    if not axe.is_file():
        missing(f"there is no axe at {axe}: npm install axe-core, or set GLASSGRAD_AXE to axe.min.js")
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe.read_text(encoding="utf-8"))
    found = page.evaluate(f"axe.run({{ resultTypes: ['violations'], ...{options} }})")["violations"]
    return [(v["id"], len(v["nodes"]), v["nodes"][0]["html"][:200]) for v in found if v["impact"] in GRAVE]


def overflow(page):
    """By how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
