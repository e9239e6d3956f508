#!/usr/bin/env bash
# Add the group `browser` to .venv from its lock (45 MB); nothing where there is no chromium, or it was added already.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v chromium >/dev/null; then
    echo "chromium is not installed (Debian: apt-get install chromium), so there is no browser to try the console in." >&2
    exit 0
fi
stamp="$(cksum <requirements/browser.txt)"
if [[ -f .venv/browser-from && $(<.venv/browser-from) == "$stamp" ]]; then
    exit 0
fi
.venv/bin/python -m pip --quiet --quiet --disable-pip-version-check install \
    --require-hashes --requirement requirements/browser.txt
printf '%s\n' "$stamp" >.venv/browser-from
