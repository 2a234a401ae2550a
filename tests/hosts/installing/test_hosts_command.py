"""genlock hosts install|list|remove, as a person calls it, in a home folder of its own."""

from __future__ import annotations

import ast
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyblish
import pytest

from genlock import __version__
from genlock.hosts.cli import main
from genlock.hosts.installing import by_blender, layout, putting
from genlock.hosts.installing.plans import Plan
from genlock.hosts.worker import checkup
from genlock.tests.hosts.test_jobs import old_python

HERE = Path(__file__).parent
MINE = b'import nuke\r\nnuke.knobDefault("Root.fps", "24")'
"""A person's init.py: another system's line ends, and none at its end."""


@pytest.fixture
def home(tmp_path, monkeypatch):
    home = tmp_path / "home"
    (home / ".nuke").mkdir(parents=True)
    (home / ".nuke" / "init.py").write_bytes(MINE)
    (home / ".config" / "blender" / "4.5").mkdir(parents=True)
    for name in [name for name in os.environ if name.startswith(("XDG_", "BLENDER_"))]:
        monkeypatch.delenv(name)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setattr(sys, "platform", "linux")
    return home


@pytest.fixture
def hosts(home, capsys) -> Callable[..., dict]:
    """Call the command; its answer as JSON, with what was said on stderr."""

    def call(*words: object, status: int = 0) -> dict:
        assert main(["hosts", *map(str, words), "--json"]) == status
        told = capsys.readouterr()
        return {**json.loads(told.out), "stderr": told.err}

    return call


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def folders(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_dir()}


@pytest.mark.parametrize("host", ["nuke", "resolve", "blender"])
def test_in_and_out_again(host, home, hosts):
    before = everything(home)
    planned = hosts("install", host, "--dry-run")
    assert everything(home) == before and planned["dry_run"] and planned["changes"]
    done = hosts("install", host)
    assert [change["path"] for change in done["changes"]] == [change["path"] for change in planned["changes"]]
    assert hosts("install", host)["changes"] == []
    (there,) = hosts("list")["hosts"]
    assert (there["host"], there["version"], there["told"], there["root"]) == (host, __version__, "up to date", done["places"][0])
    (note,) = home.rglob("worker.json")
    worker = json.loads(note.read_text())
    assert worker["version"] == __version__
    said = subprocess.run([*worker["command"], "--version"], capture_output=True, text=True, check=True).stdout
    assert said == f"genlock {__version__}\n"
    assert not list(home.rglob("*.pyc")), "nothing compiled is copied"
    hosts("remove", host, "--dry-run")
    assert hosts("list")["hosts"], "a dry run removes nothing"
    hosts("remove", host)
    after = everything(home)
    assert after.pop(".local/share/genlock/hosts.json")
    assert after == before
    assert hosts("list")["hosts"] == [] and hosts("remove", host)["changes"] == []


class TestAPersonsFiles:
    def test_init_py_keeps_every_byte(self, home, hosts):
        init = home / ".nuke" / "init.py"
        hosts("install", "nuke")
        assert init.read_bytes().startswith(MINE + b"\r\n# >>> genlock") and init.read_bytes().endswith(b"\r\n")
        assert b"\n" not in init.read_bytes().replace(b"\r\n", b"")
        init.write_bytes(b"# first\r\n" + init.read_bytes() + b"# last\r\n")
        hosts("install", "nuke")
        assert init.read_bytes().count(b">>> genlock") == 1
        hosts("remove", "nuke")
        assert init.read_bytes() == b"# first\r\n" + MINE + b"# last\r\n"

    def test_init_py_that_was_not_there(self, home, hosts):
        (home / ".nuke" / "init.py").unlink()
        hosts("install", "nuke")
        hosts("remove", "nuke")
        assert not (home / ".nuke" / "init.py").exists() and not (home / ".nuke" / "genlock_plugin").exists()

    @pytest.mark.skipif(os.name == "nt", reason="links need rights there")
    def test_init_py_that_is_a_link(self, home, hosts):
        init, real = home / ".nuke" / "init.py", home / "dotfiles.py"
        init.rename(real)
        init.symlink_to(real)
        hosts("install", "nuke")
        assert init.is_symlink() and b">>> genlock" in real.read_bytes()
        hosts("remove", "nuke")
        assert init.is_symlink() and real.read_bytes() == MINE

    def test_lines_that_were_changed_are_told(self, home, hosts):
        init = home / ".nuke" / "init.py"
        hosts("install", "nuke")
        init.write_bytes(init.read_bytes().replace(b"genlock_plugin", b"elsewhere"))
        assert "the lines in" in hosts("list")["hosts"][0]["told"]
        assert any("by hand" in change["told"] for change in hosts("remove", "nuke")["changes"])
        assert b"elsewhere" in init.read_bytes()

    def test_a_changed_file_is_kept_by_both(self, home, hosts):
        file = home / ".nuke" / "genlock_plugin" / "menu.py"
        hosts("install", "nuke")
        file.write_text("# mine\n")
        there = hosts("list")
        assert there["hosts"][0]["told"] == "1 file changed by hand" and "genlock hosts install nuke" in there["sentence"]
        again = hosts("install", "nuke")
        assert [change["what"] for change in again["changes"]] == ["aside", "replace"] or [c["what"] for c in again["changes"]] == ["aside", "write"]
        assert file.with_name("menu.py.yours").read_text() == "# mine\n" and "install" in file.read_text()
        file.write_text("# mine again\n")
        gone = hosts("remove", "nuke")
        assert [change["path"] for change in gone["changes"] if change["what"] == "keep"] == [str(file)]
        assert set(everything(home / ".nuke")) == {"init.py", "genlock_plugin/menu.py", "genlock_plugin/menu.py.yours"}

    def test_an_older_installation_is_brought_up_to_date(self, home, hosts):
        root = home / ".nuke" / "genlock_plugin"
        hosts("install", "nuke")
        record = json.loads((root / "installed.json").read_text())
        old = root / "genlock" / "hosts" / "nuke" / "old.py"
        old.write_bytes(b"pass\n")
        record["version"], record["files"]["genlock/hosts/nuke/old.py"] = "0.0.1", putting.digest(b"pass\n")
        (root / "installed.json").write_text(json.dumps(record))
        assert "out of date" in hosts("list")["hosts"][0]["told"]
        changes = hosts("install", "nuke")["changes"]
        assert [(change["what"], change["path"]) for change in changes] == [("remove", str(old))] and not old.exists()
        assert hosts("list")["hosts"][0]["told"] == "up to date"


def test_another_folder(home, hosts, tmp_path):
    """A folder for the whole studio, under NUKE_PATH; list and remove find it again by themselves."""
    studio = tmp_path / "studio tools"
    done = hosts("install", "nuke", "--to", studio)
    assert f"NUKE_PATH={studio}" in done["sentence"] and (studio / "init.py").exists() and (home / ".nuke" / "init.py").read_bytes() == MINE
    assert [there["root"] for there in hosts("list")["hosts"]] == [str(studio / "genlock_plugin")]
    hosts("remove", "nuke")
    assert everything(studio) == {}
    scripts = tmp_path / "scripts"
    hosts("install", "resolve", "--to", scripts)
    hosts("install", "resolve")
    assert len(hosts("list")["hosts"]) == 2 and all(path.suffix == ".py" for path in scripts.iterdir())
    hosts("remove", "resolve", "--to", scripts)
    assert not list(scripts.iterdir()) and len(hosts("list")["hosts"]) == 1


@pytest.mark.parametrize("host", ["nuke", "blender", "resolve"])
def test_what_mends_another_folder_names_it(home, hosts, tmp_path, host):
    """The command that list and doctor tell brings that very installation up to date."""
    folder = tmp_path / "studio tools"
    hosts("install", host, "--to", folder)
    (note,) = [path for path in tmp_path.rglob("installed.json") if json.loads(path.read_text())["host"] == host]
    note.write_text(note.read_text().replace(f'"version": "{__version__}"', '"version": "0.0.9"'))
    (told,) = [finding.next_step for finding in checkup.adapters()]
    assert told in hosts("list")["sentence"]
    words = shlex.split(told.partition(": ")[2])
    assert words == ["genlock", "hosts", "install", host, "--to", str(folder)]
    hosts(*words[2:])
    assert hosts("list")["sentence"].startswith("everything that is installed is up to date")


def test_a_worker_that_is_gone_is_told(home, hosts):
    hosts("install", "nuke")
    note = home / ".nuke" / "genlock_plugin" / "genlock" / "hosts" / "nuke" / "worker.json"
    note.write_text(json.dumps({"command": ["/gone/genlock"], "version": __version__}))
    assert "genlock was at /gone/genlock and is gone" in hosts("list")["hosts"][0]["told"]


def test_refusals(home, hosts, monkeypatch):
    shutil.rmtree(home / ".config")
    assert "start Blender once" in hosts("install", "blender", status=2)["error"]["next_step"]
    assert "leave out --to" in hosts("install", "nuke", "--program", "/bin/true", status=2)["error"]["next_step"]
    assert "there is no program" in hosts("install", "blender", "--program", "/no/blender", status=2)["sentence"]
    (home / ".nuke" / "genlock_plugin").write_text("a file where a folder has to be")
    failed = hosts("install", "nuke", status=1)
    assert failed["error"]["code"] == "output" and (home / ".nuke" / "init.py").read_bytes() == MINE


@pytest.mark.skipif(os.name == "nt", reason="stands in by a shell script")
def test_blender_by_its_own_command_line(home, hosts, tmp_path):
    """A program that keeps what it was given."""
    program = tmp_path / "blender"
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/said\nfor last; do :; done\ntest -f "$last" && cp "$last" {tmp_path}/got.zip\ntrue\n')
    program.chmod(0o755)
    hosts("install", "blender", "--program", program)
    hosts("remove", "blender", "--program", program)
    first, second = (tmp_path / "said").read_text().splitlines()
    assert first.startswith("--command extension install-file -r user_default -e ") and second == "--command extension remove genlock"
    assert (tmp_path / "got.zip").read_bytes()[:2] == b"PK" and by_blender.archive()
    program.write_text("#!/bin/sh\necho 'Error: no such repository' >&2\nexit 1\n")
    assert "refused: Error: no such repository" in hosts("install", "blender", "--program", program, status=1)["sentence"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that cannot be written to")
def test_a_folder_that_cannot_be_written(home, hosts):
    (home / ".nuke").chmod(0o500)
    assert hosts("install", "nuke", status=1)["error"]["code"] == "output"
    (home / ".nuke").chmod(0o700)


def test_an_installation_that_was_torn_is_made_whole(tmp_path, monkeypatch):
    """The disk is full after the second file; the next try goes on, and what it removes is all."""
    files = {str(tmp_path / "root" / f"{n}.py"): b"pass\n" for n in range(4)}
    plan = Plan("nuke", str(tmp_path / "root"), files, {str(tmp_path / "init.py"): ("a", "b")})
    plain, count = putting._write, 0

    def write(path: str, body: bytes) -> None:
        nonlocal count
        count += 1
        if count == 3:
            raise OSError(28, "No space left on device", path)
        plain(path, body)

    monkeypatch.setattr(putting, "_write", write)
    with pytest.raises(putting.OutputError, match="No space left"):
        putting.install(plan)
    monkeypatch.setattr(putting, "_write", plain)
    assert len(putting.install(plan)) == 3
    putting.remove(plan.root)
    assert not list(tmp_path.iterdir())


def _runs(python: str) -> bool:
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


_FOUND = [shutil.which("python3.9"), *map(str, (Path.home() / ".pyenv" / "versions").glob("3.9.*/bin/python3.9"))]
OLD = [python for python in _FOUND if python and _runs(python)][:1]
"""The oldest Python that a host brings, where it is on this machine."""


@pytest.mark.parametrize("python", [sys.executable, *OLD], ids=os.path.basename)
def test_what_nuke_gets_runs_alone(python, home, hosts):
    """Nuke's own Python, the installed folder and the stand-in for its module: the menu is there, and a node is made."""
    hosts("install", "nuke")
    root = home / ".nuke" / "genlock_plugin"
    code = f"""
import sys, types
sys.path[:0] = [{str(root)!r}]
sys.modules["stand_in"] = types.ModuleType("stand_in")
sys.modules["stand_in"].__path__ = [{str(HERE.parent / "nuke")!r}]
from stand_in import fake_nuke
sys.modules["nuke"] = fake_nuke.module()
exec(open({str(root / "menu.py")!r}).read())
import genlock
assert genlock.__file__.startswith({str(root)!r}), genlock.__file__
exec(fake_nuke.script().menus["Nodes"].menus["Genlock"].commands["Genlock"])
(node,) = fake_nuke.script().nodes_
node["gl_quality"].setValue("draft")
from genlock.hosts import launch
from genlock.hosts.nuke import asking
import os
launch.check_worker(launch.find_genlock(os.path.dirname(asking.__file__)), genlock.__version__, "nuke")
print(*[name for name in ("numpy", "torch", "cv2", "opentimelineio", "genlock.core") if name in sys.modules])
"""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("GENLOCK", "PYTHON"))}
    done = subprocess.run([python, "-B", "-c", code], capture_output=True, text=True, env=env, timeout=60, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_the_mini_package_is_light():
    names = set(layout.mini_package("nuke"))
    assert {f"genlock/{name}" for name in layout.SHARED} < names and "genlock/hosts/nuke/flow.py" in names
    allowed = tuple(f"genlock/{folder}/" for folder in ("hosts/nuke", *layout.FOLDERS))
    assert all(name.startswith(allowed) for name in names - {f"genlock/{name}" for name in layout.SHARED})


def test_doctor_tells_of_an_adapter_of_another_genlock(home, hosts):
    assert [finding.found[:17] for finding in checkup.adapters()] == ["none is installed"]
    hosts("install", "nuke")
    (found,) = checkup.adapters()
    assert (found.name, found.state, found.next_step) == ("nuke adapter", checkup.OK, "") and "up to date" in found.found
    (note,) = home.rglob("installed.json")
    note.write_text(note.read_text().replace(f'"version": "{__version__}"', '"version": "0.0.9"'))
    (found,) = checkup.adapters()
    assert found.state == checkup.NOTE and found.found.startswith("0.0.9 in ") and f"this genlock is {__version__}" in found.found
    assert found.next_step.endswith("genlock hosts install nuke")


def test_doctor_tells_of_vmaf(monkeypatch):
    monkeypatch.setattr("genlock.core.verify.vmaf.find_ffmpeg", lambda: None)
    (found,) = checkup.vmaf()
    assert found.state == checkup.NOTE and "genlock[vmaf]" in found.next_step
    monkeypatch.setattr("genlock.core.verify.vmaf.find_ffmpeg", lambda: "/opt/ffmpeg")
    assert [(found.state, found.found) for found in checkup.vmaf()] == [(checkup.OK, "by /opt/ffmpeg")]


def test_the_mini_package_runs_in_an_old_python(tmp_path):
    """Resolve's adapter, publishing and every plug-in in Python 3.9, where there is one, with pyblish and nothing else."""
    old = old_python()
    if old is None:
        pytest.skip("no python3.9 on PATH; install one to run this")
    for name, body in layout.mini_package("resolve").items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(body)
    shutil.copytree(Path(pyblish.__file__).parent, tmp_path / "pyblish", ignore=shutil.ignore_patterns("__pycache__"))
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import genlock.hosts.resolve.run, genlock.hosts.publishing.aside as aside\n"
        "assert not [name for name in sys.modules if 'pyblish' in name], 'before it is asked for'\n"
        "from genlock.hosts.publishing import publish\n"
        "print(sorted({plugin.__name__ for host in publish.HOSTS for plugin in publish.discover(host)}))\n"
    )
    done = subprocess.run([old, "-I", "-S", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(ast.literal_eval(done.stdout)) == len(list((layout.ROOT / "plugins").glob("[!_]*.py")))
