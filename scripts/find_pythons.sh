#!/usr/bin/env bash
# Print a Python of each version on this machine that the product runs on, a path a line: on the PATH, or pyenv's.
set -euo pipefail

for version in 3.11 3.12 3.13 3.14; do
    # A version manager's shim exists for versions that it will not run, so each candidate is tried, not only looked for.
    for python in "python$version" python3 "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python3; do
        found="$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2], sys.executable)' 2>/dev/null)" || continue
        if [[ $found == "$version "* ]]; then
            printf '%s\n' "${found#* }"
            break
        fi
    done
done
