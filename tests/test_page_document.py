"""Tests of the page as one HTML text, and as a frame in a notebook."""

import base64
import json
import re
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from autograd import Value, lessons, steps
from autograd.page.document import iframe, page
from nn import MLP


def neuron(label="w"):
    w, x = Value(0.5, label), Value(2.0, "x")
    return steps((w * x).tanh())


class Reader(HTMLParser):
    """The tags of a text with their attributes, and what stands in its scripts."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.scripts, self.inside = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = tag

    def handle_data(self, data):
        if self.inside == "script":
            self.scripts.append(data)
            self.inside = None


def test_nothing_is_loaded():
    """No element names another file, and the page forbids itself to ask the network for one."""
    tags = Reader(page(neuron())).tags
    named = [attrs[key] for _, attrs in tags for key in ("src", "href") if key in attrs]
    assert named == ["data:,"]
    assert any("default-src 'none'" in attrs.get("content", "") for tag, attrs in tags if tag == "meta")


def test_everything_is_inside():
    """Style, data and script, the latter as they stand in the package."""
    text = page(neuron())
    for name in ("page.css", "page.js"):
        assert files("autograd.page").joinpath(name).read_text(encoding="utf-8") in text
    data, _ = Reader(text).scripts
    assert json.loads(data)["title"] == "L = 0.7616"


def test_a_label_cannot_end_the_script():
    """</script> in a name stays text."""
    text = page(neuron("</script><b>"))
    data, _ = Reader(text).scripts
    assert json.loads(data)["nodes"][0]["name"] == "</script><b>"
    assert ("b", {}) not in Reader(text).tags


def test_it_opens_at_the_step_that_is_asked_for():
    """Counted from the end if negative, as everywhere; another step than there are raises IndexError."""
    passed = neuron()
    assert json.loads(Reader(page(passed, at=2)).scripts[0])["at"] == 2
    assert json.loads(Reader(page(passed, at=-1)).scripts[0])["at"] == len(passed) - 1
    with pytest.raises(IndexError):
        page(passed, at=len(passed))


def test_it_opens_a_large_model_at_the_group_of_that_step():
    """A page of neurons counts groups of steps."""
    model = MLP(40, [30, 1], seed=0)
    passed = steps(model([0.1] * 40), model=model)
    data = json.loads(Reader(page(passed, at=len(passed) - 1)).scripts[0])
    assert data["at"] == len(data["board"]["groups"]) - 1


def test_a_frame_holds_the_page_and_the_picture():
    """The same page, and for viewers that remove frames the picture as an image in the text itself."""
    passed = neuron()
    (frame, attributes), (image, picture) = Reader(iframe(passed)).tags
    assert (frame, image) == ("iframe", "img")
    assert attributes["srcdoc"] == page(passed)
    assert attributes["title"] == "Step through L = 0.7616"
    svg = base64.b64decode(picture["src"].removeprefix("data:image/svg+xml;base64,")).decode()
    assert "w × x" in svg
    assert picture["alt"] == "The graph of L = 0.7616"


def test_a_frame_is_as_high_as_its_picture_needs():
    """Within bounds: a notebook is also read around it."""
    model = MLP(2, [4, 1], seed=0)
    heights = [
        int(re.search(r'" style="width: 100%; height: (\d+)px', iframe(passed))[1])
        for passed in (neuron(), steps(model([1.0, 2.0]), model=model))
    ]
    assert 500 < heights[0] < heights[1] <= 820


def test_a_lesson_has_its_page():
    """With its text, opened where the passes part."""
    a = Value(3.0, "a")
    lesson = lessons.assignment(a * a)
    data = json.loads(Reader(page(lesson.wrong, at=lesson.parting, lesson=lesson)).scripts[0])
    assert data["lesson"]["title"] == lesson.title
    assert data["at"] == lesson.parting
