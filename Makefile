# make run: install and start, with demo bases. make test: everything that has to hold.
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,\
	$(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
PIP := .venv/bin/python -m pip --disable-pip-version-check -qq
COMPILE := .venv/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host

.PHONY: run setup test bench tools requirements mutants

run: setup
	@exec .venv/bin/kepu run --demo

setup: .venv/bin/kepu
	@cmp -s requirements.txt .venv/installed.txt || { \
		echo "Installing what Kepu needs (a minute, once) …" && \
		$(PIP) install --require-hashes -r requirements.txt && \
		cp requirements.txt .venv/installed.txt; }

test: tools
	@.venv/bin/python -m tests.run

bench: tools
	@.venv/bin/python -m tests.load

tools: setup
	@cmp -s requirements-dev.txt .venv/installed-dev.txt || { \
		echo "Installing what the tests need (a minute, once) …" && \
		$(PIP) install --require-hashes -r requirements-dev.txt && \
		cp requirements-dev.txt .venv/installed-dev.txt; }

# The command, and the project on the path of .venv; both hold when the folder is moved.
.venv/bin/kepu: Makefile
	@test -n "$(PYTHON)" || { echo "Kepu needs Python 3.11 or newer; set PYTHON=/path/to/it"; exit 1; }
	@$(PYTHON) -m venv .venv
	@for folder in .venv/lib/python3.*/site-packages; do echo ../../../.. > $$folder/kepu.pth; done
	@printf '%s\n' '#!/bin/sh' \
		"'''exec' \"\$$(dirname \"\$$(readlink -f \"\$$0\")\")/python\" -P \"\$$0\" \"\$$@\"" "' '''" \
		'import sys' 'from bot.cli import main' 'if __name__ == "__main__":' \
		'    sys.argv[0] = "kepu"' '    sys.exit(main())' > $@
	@chmod +x $@

# After a change of the dependencies in pyproject.toml, with the oldest Python we support (its
# backports hold for all); UPGRADE=--upgrade takes newer versions.
requirements: setup
	@$(PIP) install pip-tools
	@CUSTOM_COMPILE_COMMAND="make requirements" $(COMPILE) $(UPGRADE) -o requirements.txt pyproject.toml
	@CUSTOM_COMPILE_COMMAND="make requirements" $(COMPILE) $(UPGRADE) --extra test \
		-c requirements.txt -o requirements-dev.txt pyproject.toml

# Do the tests notice when a rule is changed? Not part of `make test`: it takes minutes.
mutants: tools
	@$(PIP) install 'mutmut>=3.8,<4'
	@.venv/bin/mutmut run
	@.venv/bin/mutmut results
