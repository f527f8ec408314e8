# Lookalike: `make demo` shows it, `make test` proves it. Both set up what they need and can be run again.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
OUT    ?= demo
IMAGES ?=
SERVE  ?=
SOURCES := $(shell find src native CMakeLists.txt pyproject.toml README.md LICENSE -type f -not -name '*.so' -not -path '*/__pycache__/*')

.PHONY: help demo test lint unit native sanitize lock dev docs bench look clean
help:                  ## this list
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

$(VENV)/.packages: requirements.lock scripts/setup
	PYTHON=$(PYTHON) VENV=$(VENV) scripts/setup
	touch $@

$(VENV)/.wheel: $(VENV)/.packages $(SOURCES)
	rm -rf dist
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pip wheel . --quiet --no-build-isolation --no-deps --wheel-dir dist
	$(BIN)/pip install --quiet --no-deps --force-reinstall dist/lookalike-*.whl
	touch $@

$(VENV)/.browser: $(VENV)/.packages
	scripts/setup browser
	touch $@

demo: $(VENV)/.wheel   ## draw a shop of handbags (or take IMAGES=folder), index it, look at it every way; SERVE=1 opens the page
	$(BIN)/lookalike demo --out $(OUT) $(if $(IMAGES),--images $(IMAGES)) $(if $(SERVE),--serve --open)

test: lint unit native ## everything that must hold, against the built wheel

lint: $(VENV)/.wheel   ## style, types, floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/.wheel $(VENV)/.browser ## the Python tests
	LOOKALIKE_TESTED=wheel $(BIN)/pytest -n 2 --dist loadgroup

native: $(VENV)/.packages ## the kernel's own tests, without Python
	PATH="$(CURDIR)/$(BIN):$$PATH" cmake -G Ninja -S . -B build/native-tests -DLOOKALIKE_NATIVE_TESTS=ON -DLOOKALIKE_NATIVE_MODULE=OFF >/dev/null
	PATH="$(CURDIR)/$(BIN):$$PATH" cmake --build build/native-tests
	PATH="$(CURDIR)/$(BIN):$$PATH" ctest --test-dir build/native-tests --output-on-failure

sanitize: $(VENV)/.packages ## the kernel's own tests, under address and undefined-behaviour sanitizers
	PATH="$(CURDIR)/$(BIN):$$PATH" cmake -G Ninja -S . -B build/sanitize -DLOOKALIKE_NATIVE_TESTS=ON -DLOOKALIKE_NATIVE_MODULE=OFF -DLOOKALIKE_SANITIZE=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo >/dev/null
	PATH="$(CURDIR)/$(BIN):$$PATH" cmake --build build/sanitize
	PATH="$(CURDIR)/$(BIN):$$PATH" ctest --test-dir build/sanitize --output-on-failure

dev: $(VENV)/.packages ## work on the source: no wheel, the kernel built in place
	$(BIN)/pip uninstall --quiet --yes lookalike; rm -f $(VENV)/.wheel
	PATH="$(CURDIR)/$(BIN):$$PATH" cmake -G Ninja -S . -B build/dev -DCMAKE_BUILD_TYPE=Release -DPython_EXECUTABLE="$(CURDIR)/$(BIN)/python" >/dev/null
	PATH="$(CURDIR)/$(BIN):$$PATH" cmake --build build/dev
	PATH="$(CURDIR)/$(BIN):$$PATH" cmake --install build/dev --prefix src >/dev/null
	echo "$(CURDIR)/src" > "$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])')/lookalike-dev.pth"

docs: $(VENV)/.wheel   ## write the generated parts of docs/ anew
	$(BIN)/python docs/generate.py

bench: $(VENV)/.wheel  ## the benchmarks, with peers in the same run
	$(BIN)/python benchmarks/search.py
	$(BIN)/python benchmarks/indexing.py

look: $(VENV)/.wheel   ## train the numbers of `look` anew, of PHOTOS (a folder with items.csv and images/)
	$(PYTHON) -m venv $(VENV)-training
	$(VENV)-training/bin/pip install --quiet -r requirements.lock
	$(VENV)-training/bin/pip install --quiet "torch>=2.13" opencv-python-headless
	$(VENV)-training/bin/pip install --quiet --no-deps --force-reinstall dist/lookalike-*.whl
	OPENBLAS_NUM_THREADS=1 $(VENV)-training/bin/python training/make_look.py --photos $(PHOTOS)

lock:                  ## pin every package anew, with hashes (needs uv)
	uv pip compile pyproject.toml --extra all --group test --group build --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate --quiet --upgrade --output-file requirements.lock

clean:                 ## remove what was built
	rm -rf build dist demo $(VENV)
