#!/usr/bin/env bash
# Write what the image and the wheel's dependencies are made of (CycloneDX) to the file that is named: each package that
# is installed to run, pinned and with its hashes, as requirements/runtime.txt has them. The same input gives the same file.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/check_deployment.sh --help >/dev/null # makes the tools' environment

mkdir -p "$(dirname "$1")"
build/shipping/bin/cyclonedx-py requirements requirements/runtime.txt --pyproject pyproject.toml \
    --output-reproducible --output-file "$1"
