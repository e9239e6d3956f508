#!/usr/bin/env bash
# Run scripts/check_deployment.py with its tools, in an environment of their own that is made once (110 MB to fetch).
set -euo pipefail
cd "$(dirname "$0")/.."

venv=build/shipping
stamp="$PWD $(grep -v '^#' requirements/shipping.txt | cksum)"
if [[ ! -f $venv/made-from || $(<"$venv/made-from") != "$stamp" ]]; then
    echo "Making $venv (once)." >&2
    .venv/bin/python -m venv --clear "$venv"
    "$venv/bin/python" -m pip --quiet --quiet --disable-pip-version-check install \
        --only-binary :all: --require-hashes --requirement requirements/shipping.txt
    printf '%s\n' "$stamp" >"$venv/made-from"
fi
exec "$venv/bin/python" scripts/check_deployment.py "$@"
