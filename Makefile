# make demo and make test need git, make, and a Python from 3.10 to 3.13 with venv; everything else goes into .venv.
#     make test PYTHON=python3.12 VENV=/somewhere/else

PYTHON ?= python3
VENV ?= .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.genlock-installed

.PHONY: demo test check wheel blender bench clean

demo: $(STAMP)
	$(VENV)/bin/genlock demo --out demo-out

test: $(STAMP)
	$(PY) -m pytest -n auto --dist loadfile $(ARGS)

check: $(STAMP)
	$(PY) -m ruff check .
	$(PY) -m mypy --cache-dir $(VENV)/.mypy_cache

wheel: $(STAMP)
	$(PY) -m build

blender: $(STAMP)
	$(PY) -m genlock.hosts.installing.blender_zip dist

bench: $(STAMP)
	$(PY) bench/run.py $(ARGS)

# Compiled once here: with PYTHONDONTWRITEBYTECODE set, as on many farms, every start would compile again, a tenth of a second each.
# The link makes mypy and editors see genlock.*; an editable install alone works by an import hook, which they do not read.
$(STAMP): setup.cfg pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' \
	    || { echo "genlock needs a Python from 3.10 to 3.13; name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	    || { echo "this Python has no venv; on Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet -c constraints.txt -e '.[dev]'
	ln -sfn "$(CURDIR)" "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/genlock"
	$(PY) -m compileall -q core hosts otio_adapters
	touch $@

clean:
	rm -rf .venv build dist demo-out *.egg-info
