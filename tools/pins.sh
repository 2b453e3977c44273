#!/usr/bin/env bash
# Resolves constraints.txt anew from pyproject.toml: exact versions, and nothing else.
# No addresses, no hashes, no paths: the file must say the same on every machine.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}
"$uv" pip compile pyproject.toml --all-extras --python-version 3.11 --upgrade \
  --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet |
  grep -E '^[A-Za-z0-9._-]+==' >constraints.new
mv constraints.new constraints.txt
