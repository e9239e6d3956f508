#!/usr/bin/env bash
# Add the extra `spark` to .venv from its lock (450 MB); do nothing when it was added from this lock already.
set -euo pipefail
cd "$(dirname "$0")/.."

stamp="$(cksum <requirements/spark.txt)"
if [[ -f .venv/spark-from && $(<.venv/spark-from) == "$stamp" ]]; then
    exit 0
fi
echo "Adding Spark to .venv (about a minute, once)." >&2
# pyspark has no wheel: it is built with the setuptools that is pinned in .venv.
.venv/bin/python -m pip --quiet --quiet --disable-pip-version-check install \
    --require-hashes --no-build-isolation --requirement requirements/spark.txt
printf '%s\n' "$stamp" >.venv/spark-from
