"""A browser's part in these tests: where there is none, the tests that need one are not collected."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from genlock.tests.hosts.web.made_project import made_project
from genlock.tests.hosts.web.visitor import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER = next((path for path in map(shutil.which, BROWSERS) if path), None)

if BROWSER is None:
    collect_ignore_glob = ["test_browser_*.py"]


@pytest.fixture(scope="session")
def one_project(tmp_path_factory) -> Path:
    """A folder with a project and its media, painted and composited."""
    folder = tmp_path_factory.mktemp("made")
    made_project(folder)
    return folder


@pytest.fixture
def root(one_project, tmp_path) -> Path:
    """A copy of that project to write to: a project's folder can be moved."""
    shutil.copytree(one_project, tmp_path / "copy")
    return tmp_path / "copy" / "shot.genlock"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for a file of tests: no longer, since Playwright keeps an event loop running in this thread."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def visit(browser) -> Iterator[Visitor]:
    """Opens a review page: visit(desk, width, height) gives a page of Playwright."""
    with ExitStack() as stack:
        visitor = Visitor(browser, stack)
        yield visitor
        assert visitor.complaints == []
