"""Who gets in, over real HTTP: this machine, with the link, from the page itself. Everybody else is told no."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from genlock.hosts.web.guard import POLICY
from genlock.hosts.web.page import STATIC
from genlock.hosts.web.project_desk import ProjectDesk
from genlock.hosts.web.serving import Server, in_thread
from genlock.tests.hosts.web.visitor import Client


@pytest.fixture(scope="module")
def root(one_project) -> Path:
    return one_project / "shot.genlock"


@pytest.fixture(scope="module")
def links() -> list[str]:
    """What the server has told of further links."""
    return []


@pytest.fixture(scope="module")
def server(root, links) -> Iterator[Server]:
    with in_thread(Server(ProjectDesk(str(root)), told=links.append)) as server:
        yield server


@pytest.fixture
def stranger(server) -> Client:
    """Somebody without a cookie."""
    return Client(server)


def test_it_listens_on_this_machine_alone(stranger):
    assert stranger.server.socket.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize("path", ["/", "/api/state", "/static/page.css", "/picture/src/0", "/favicon.ico", "/nowhere"])
def test_without_the_cookie_there_is_nothing(stranger, path):
    status, _, body = stranger.send("GET", path)
    assert status == 401
    assert b"link" in body


def test_a_wrong_token_opens_nothing(stranger):
    for token in ("", "x", stranger.server.link[-5:], "ü"):
        assert stranger.send("GET", "/login?token=" + token.encode().hex())[0] == 401
    assert stranger.send("GET", "/login")[0] == 401


def test_the_link_works_once_and_leaves_no_token_in_the_address(stranger, links):
    path = stranger.server.link.removeprefix(stranger.origin)
    status, headers, _ = stranger.send("GET", path)
    assert (status, headers["location"]) == (303, "/")
    parts = {part.strip().lower() for part in headers["set-cookie"].split(";")}
    assert {"httponly", "samesite=strict", "path=/"} <= parts
    assert path.partition("=")[2] not in headers["set-cookie"], "the cookie is another secret than the link's"
    assert stranger.send("GET", path)[0] == 401, "a second time"
    stranger.cookie = headers["set-cookie"].partition(";")[0]
    assert stranger.send("GET", "/api/state")[0] == 200
    assert stranger.send("GET", path)[0] == 303, "whoever is in is sent to the page"
    other = Client(stranger.server)
    assert links[-1] == stranger.server.link
    assert other.login().send("GET", "/api/state")[0] == 200


def test_a_head_does_not_use_the_link_up(stranger):
    """Chat programs look at links that are pasted into them."""
    assert stranger.send("HEAD", stranger.server.link.removeprefix(stranger.origin))[0] == 401
    stranger.login()


def test_cookies_of_other_programs_on_this_machine_do_not_lock_anybody_out(stranger):
    stranger.login()
    stranger.cookie = 'theirs="a b; {odd]=1; ' + stranger.cookie + "; genlock_1=x"
    assert stranger.send("GET", "/api/state")[0] == 200


def test_a_cookie_that_is_made_up_opens_nothing(stranger):
    stranger.cookie = f"genlock_{stranger.port}=" + "a" * 43
    assert stranger.send("GET", "/api/state")[0] == 401
    stranger.cookie = f"genlock_{stranger.port}="
    assert stranger.send("GET", "/api/state")[0] == 401


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", "0.0.0.0:{port}"],
)
def test_another_name_for_this_machine_is_refused(stranger, host):
    stranger.login()
    assert stranger.send("GET", "/api/state", Host=host.format(port=stranger.port))[0] == 421


def test_localhost_is_a_name_of_ours(stranger):
    stranger.login()
    assert stranger.send("GET", "/api/state", Host=f"localhost:{stranger.port}")[0] == 200


@pytest.mark.parametrize(
    "origin",
    ["", "null", "http://evil.example", "https://127.0.0.1:{port}", "http://127.0.0.1:1", "http://127.0.0.1:{port}.evil.example"],
)
def test_what_another_page_sends_is_refused_and_changes_nothing(stranger, root, origin):
    stranger.login()
    body = b'{"keyframe": 0, "action": "drop"}'
    assert stranger.send("POST", "/api/pick", body, Origin=origin.format(port=stranger.port))[0] == 403
    assert not (root / "picks" / "selections.json").exists()


def test_another_method_is_held_to_the_same(stranger):
    stranger.login()
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert stranger.send(method, "/api/pick", b"{}", Origin="http://evil.example")[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "/static/../guard.py", "/static/..%2fguard.py", "/static/%2e%2e%2f%2e%2e%2fsetup.cfg", "/static//etc/passwd", "/static/%2fetc%2fpasswd",
        "/static/page.css%00.js", "/static/favicon.SVG", "/picture/src/../../genlock.toml", "/picture/..%2f..%2fpicks/0", "/picture/src/-1",
        "/picture/src/18", "/picture/src/99999999999999999999", "/picture/genlock.toml/0", "/picture/painted/0/..%2f..%2fpicks",
        "/picture/painted/0/..", "/picture/laid/1/x", "/genlock.toml",
    ],
)  # fmt: skip
def test_what_is_not_listed_is_not_there(stranger, path):
    stranger.login()
    assert stranger.send("GET", path)[0] == 404


def test_a_size_that_is_none_is_refused(stranger):
    stranger.login()
    assert stranger.send("GET", "/picture/src/0?size=99999")[0] == 404


def test_every_answer_carries_the_policy(stranger):
    assert POLICY.startswith("default-src 'self';")
    answers = [stranger.send("GET", "/"), stranger.send("GET", "/", Host="evil.example")]
    stranger.login()
    answers += [stranger.send("GET", path) for path in ("/", "/api/state", "/static/base.js", "/picture/src/0", "/nowhere")]
    answers.append(stranger.send("POST", "/api/pick", b"no json", Origin=stranger.origin))
    assert [status for status, _, _ in answers] == [401, 421, 200, 200, 200, 200, 404, 400]
    for _, headers, _ in answers:
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers


def test_a_question_that_is_too_long_is_not_read_to_its_end(stranger):
    stranger.login()
    try:
        status = stranger.send("POST", "/api/pick", b" " * (3 << 20), Origin=stranger.origin)[0]
    except (ConnectionError, http.client.HTTPException):  # the server hangs up while the rest is still being sent
        return
    assert status == 413


@pytest.mark.parametrize("page", sorted(STATIC.glob("*.html")), ids=lambda path: path.name)
def test_pages_hold_no_script_and_load_only_what_is_shipped(page):
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"<script[^>]*>([^<]*)</script>", text) == [""]
    assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:", text)
    loaded = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert loaded and all(name.removeprefix("/static/") in {path.name for path in STATIC.iterdir()} for name in loaded)


def test_scripts_import_only_what_is_shipped_and_need_no_eval():
    for script in STATIC.glob("*.js"):
        text = script.read_text(encoding="utf-8")
        assert {name for name in re.findall(r'from "([^"]*)"', text)} <= {f"./{path.name}" for path in STATIC.glob("*.js")}
        assert not re.search(r"\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write", text), script


def test_the_favicon_is_shipped(stranger):
    stranger.login()
    status, headers, body = stranger.send("GET", "/favicon.ico")
    assert (status, headers["content-type"]) == (200, "image/svg+xml")
    assert body.startswith(b"<svg")


def test_every_file_of_the_page_is_in_the_wheel():
    """setuptools leaves out in silence what no line of package_data names."""
    import configparser

    cfg = configparser.ConfigParser()
    cfg.read(Path(__file__).parents[3] / "setup.cfg", encoding="utf-8")
    patterns = cfg["options.package_data"]["genlock.hosts.web"].split()
    named = {path for pattern in patterns for path in STATIC.parent.glob(pattern)}
    assert named == set(STATIC.iterdir())
