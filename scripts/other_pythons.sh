#!/usr/bin/env bash
# Run the fast tests on every Python of this machine that .venv does not have, in a virtual environment of its own.
# Fast are those of the C extension, the language and the sums; one of a real PostgreSQL shows that its drivers work.
set -euo pipefail
cd "$(dirname "$0")/.."

version() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }

export DUNNING_PROPERTY_COUNT=2000
tested="$(version .venv/bin/python)"
for python in $(scripts/find_pythons.sh); do
    if [[ $(version "$python") == "$tested" ]]; then continue; fi
    venv="build/python-$(version "$python")"
    VENV="$venv" PYTHON="$python" scripts/make_venv.sh
    "$venv/bin/python" --version
    "$venv/bin/python" -m pytest -q -p no:cacheprovider \
        tests/network tests/evaluation tests/loading tests/money tests/calendar tests/acceptance \
        tests/store/test_tokens.py
done
