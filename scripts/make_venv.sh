#!/usr/bin/env bash
# Make .venv from the locks; do nothing when it was made from these locks, in this folder, already.
# PYTHON names the interpreter to use; otherwise the first of python3.12, python3.11 and python3 that fits is taken.
set -euo pipefail
cd "$(dirname "$0")/.."

stamp="$PWD $(cat requirements/*.txt | cksum)"
if [[ -x .venv/bin/python && -f .venv/made-from && $(<.venv/made-from) == "$stamp" ]]; then
    exit 0
fi

fits() {
    # A version manager's shim exists for versions that it will not run, so each candidate is tried, not only looked for.
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null
}

fail() {
    printf 'make_venv: %s\n' "$@" >&2
    exit 1
}

if [[ -n ${PYTHON:-} ]]; then
    fits "$PYTHON" || fail "PYTHON=$PYTHON is not a Python 3.11 or 3.12 that runs."
else
    for PYTHON in python3.12 python3.11 python3 ""; do
        if [[ -n $PYTHON ]] && fits "$PYTHON"; then break; fi
    done
    [[ -n $PYTHON ]] || fail \
        "No Python 3.11 or 3.12 was found (durable-rules does not import on 3.13)." \
        "Install one, or name it: make PYTHON=/path/to/python3.12 ..."
fi
"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || fail \
    "$PYTHON cannot make virtual environments." "On Debian and Ubuntu: apt install python3-venv python3-dev"
command -v cc >/dev/null || command -v gcc >/dev/null || fail \
    "No C compiler was found, and durable-rules has to be compiled." "On Debian and Ubuntu: apt install gcc libc6-dev python3-dev"

printf 'Making .venv with %s (about a minute, once).\n' "$("$PYTHON" --version)" >&2
rm -f .venv/made-from
"$PYTHON" -m venv --clear .venv
pip() {
    .venv/bin/python -m pip --quiet --quiet --disable-pip-version-check "$@" || fail \
        "pip could not install the requirements; what it says is above." \
        "Where it speaks of Python.h, the Python headers are missing (Debian and Ubuntu: apt install python3-dev)."
}
# Without build isolation: what builds durable-rules and this project is pinned and hashed like all the rest.
pip install --require-hashes --requirement requirements/build.txt
pip install --require-hashes --no-build-isolation --requirement requirements/dev.txt
pip install --no-deps --no-build-isolation --editable .
printf '%s\n' "$stamp" >.venv/made-from
