#!/usr/bin/env bash
# Make .venv from the locks; do nothing when it was made from these locks, in this folder, already.
# PYTHON names the interpreter to use; otherwise the first on the PATH that fits is taken. VENV names another folder.
set -euo pipefail
cd "$(dirname "$0")/.."

venv="${VENV:-.venv}"
stamp="$PWD $(cat requirements/build.txt requirements/dev.txt | cksum)"
if [[ -x $venv/bin/python && -f $venv/made-from && $(<"$venv/made-from") == "$stamp" ]]; then
    exit 0
fi

fail() {
    printf 'make_venv: %s\n' "$@" >&2
    exit 1
}

fits() {
    # A version manager's shim exists for versions that it will not run, so each candidate is tried, not only looked for.
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null
}

if [[ -n ${PYTHON:-} ]]; then
    fits "$PYTHON" || fail "PYTHON=$PYTHON is not a Python 3.11, 3.12, 3.13 or 3.14 that runs."
else
    for PYTHON in python3.12 python3.13 python3.14 python3.11 python3 ""; do
        if [[ -n $PYTHON ]] && fits "$PYTHON"; then break; fi
    done
    [[ -n $PYTHON ]] || fail "No Python 3.11 to 3.14 was found." "Install one, or name it: make PYTHON=/path/to/python3.13 ..."
fi
"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || fail \
    "$PYTHON cannot make virtual environments." "On Debian and Ubuntu: apt install python3-venv python3-dev"
command -v cc >/dev/null || command -v gcc >/dev/null || fail \
    "No C compiler was found, and durable-rules has to be compiled." "On Debian and Ubuntu: apt install gcc libc6-dev python3-dev"

printf 'Making %s with %s (about a minute, once).\n' "$venv" "$("$PYTHON" --version)" >&2
rm -f "$venv/made-from"
"$PYTHON" -m venv --clear "$venv"
pip() {
    "$venv/bin/python" -m pip --quiet --quiet --disable-pip-version-check "$@" || fail \
        "pip could not install the requirements; what it says is above." \
        "Where it speaks of Python.h, the Python headers are missing (Debian and Ubuntu: apt install python3-dev)."
}
# durable-rules calls a function that Python 3.13 took away, and that is another's older name; and its setup.py takes the
# flag away that makes it a quarter faster. It is compiled here and not taken from pip's cache, where no flag shows.
export CPPFLAGS="-O2 -DPyEval_CallObject=PyObject_CallObject ${CPPFLAGS:-}"
# Without build isolation: what builds durable-rules and this project is pinned and hashed like all the rest.
pip install --require-hashes --requirement requirements/build.txt
awk '/^[a-z]/ { is_it = /^durable-rules==/ } is_it' requirements/dev.txt >"$venv/durable-rules.txt"
pip install --no-deps --no-cache-dir --require-hashes --no-build-isolation --requirement "$venv/durable-rules.txt"
pip install --require-hashes --no-build-isolation --requirement requirements/dev.txt
pip install --no-deps --no-build-isolation --editable .
printf '%s\n' "$stamp" >"$venv/made-from"
