#!/usr/bin/env bash
# Makes .venv and everything the checks need on a bare Debian 12 (Python 3.11 and npm).
# Called by `make setup`. Running it again costs nothing: a stamp remembers what it read.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=.venv
stamp="$venv/.santral-setup"
node_client=examples/node_client
extras=dev,simulator,cluster,bench

say() { printf 'setup: %s\n' "$*"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
  command -v apt-get >/dev/null || return 1
  [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

updated=""
apt_install() {
  if [ -z "$updated" ]; then
    as_root apt-get update -qq >/dev/null || return 1
    updated=yes
  fi
  # Debian starts a service as soon as it is installed. The tests start their own, so
  # for the length of this call a policy says no, and at boot it stays off.
  local policy=/usr/sbin/policy-rc.d ours="" outcome=0
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    ours=yes
  fi
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 || outcome=$?
  if [ -n "$ours" ]; then as_root rm -f "$policy"; fi
  return "$outcome"
}

# What the stamp stands for: change any of these and the next call installs again.
wanted() {
  {
    cat pyproject.toml constraints.txt tools/setup.sh
    if [ -f "$node_client/package.json" ]; then cat "$node_client/package.json"; fi
  } | sha256sum | cut -d' ' -f1
}

find_python() {
  local name
  for name in python3.11 python3.12 python3.13 python3; do
    if command -v "$name" >/dev/null &&
      "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  say "no Python 3.11 or newer found; install one (Debian 12: apt-get install python3)" >&2
  return 1
}

make_venv() {
  local python
  if [ -x "$venv/bin/python" ] && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    return
  fi
  python=$(find_python)
  say "making $venv with $("$python" --version)"
  rm -rf "$venv"
  if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
    # Debian ships Python without the part that makes environments.
    rm -rf "$venv"
    if ! may_install || ! apt_install python3-venv; then
      say "python3 -m venv does not work; as root: apt-get install python3-venv" >&2
      return 1
    fi
    "$python" -m venv "$venv"
  fi
}

install_python_packages() {
  say "installing the Python packages pinned in constraints.txt"
  # uv takes seconds where pip takes a minute, but it does not read pip's settings
  # (mirrors, certificates): where it cannot work, pip does.
  export PIP_DISABLE_PIP_VERSION_CHECK=1
  if "$venv/bin/python" -m pip install -q -c constraints.txt uv &&
    VIRTUAL_ENV="$PWD/$venv" "$venv/bin/uv" pip install -q \
      -c constraints.txt -b constraints.txt -e ".[$extras]"; then
    return
  fi
  say "uv could not install; trying pip, which takes about a minute"
  PIP_CONSTRAINT=constraints.txt "$venv/bin/python" -m pip install -q -e ".[$extras]"
}

# Numba compiles the engine and the simulator once, for about a minute and a half; done
# here, beside the rest, the first run begins at once.
compile_ahead() {
  "$venv/bin/santral-simulator" run examples/scenarios/erlang_a.yaml \
    --replications 1 --workers 1 --json >/dev/null 2>&1 || true
}

install_node_packages() {
  [ -f "$node_client/package.json" ] || return 0
  if ! command -v npm >/dev/null; then
    say "npm is missing, so the Node client's test cannot run"
    return 0
  fi
  say "installing the Node client's packages"
  # No lock file: it would record the address of whichever registry was asked.
  (cd "$node_client" && npm install --no-package-lock --no-audit --no-fund --silent)
}

install_system_tools() {
  local missing=() names
  command -v git >/dev/null || missing+=(git) # the tidy tests ask it what is ours
  command -v prometheus >/dev/null && command -v promtool >/dev/null ||
    missing+=(prometheus)
  command -v h2load >/dev/null || missing+=(nghttp2-client)
  command -v chromium >/dev/null || missing+=(chromium) # opens the reports as people do
  if [ "${#missing[@]}" = 0 ]; then return 0; fi
  names="${missing[*]}"
  if ! may_install; then
    say "not root, so not installed: $names (the tests that need them say so)"
    return 0
  fi
  say "installing Debian's $names"
  if ! apt_install "${missing[@]}"; then
    say "apt-get could not install: $names (the tests that need them say so)"
    return 0
  fi
  if [ -d /run/systemd/system ] && [[ "$names" == *prometheus* ]]; then
    as_root systemctl disable -q prometheus 2>/dev/null || true
  fi
}

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(wanted)" ]; then
  exit 0
fi
make_venv
rm -f "$stamp"
install_python_packages
say "compiling the engine beside the rest, once"
compile_ahead &
install_node_packages
install_system_tools
wait
wanted >"$stamp"
say "ready"
