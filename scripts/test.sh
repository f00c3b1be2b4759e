#!/usr/bin/env bash
# Everything that must hold before a change is merged. CI runs this and nothing else.
#
#   scripts/test.sh
#
# Needs no terminal and no service: the tests start their own databases. Builds in the dev profile.
set -euo pipefail
exec </dev/null
cd "$(dirname "$0")/.."

export LC_ALL=C.UTF-8
export RUST_BACKTRACE=1
if [ -n "${CI:-}" ]; then
  # A build from nothing gains nothing from incremental data, and it doubles the target folder.
  export CARGO_INCREMENTAL=0
  export CARGO_TERM_COLOR=never
  export CARGO_TERM_PROGRESS_WHEN=never
fi

n_stages=0
stage_name=start
stage_at=$SECONDS

on_exit() {
  local code=$?
  if [ "$code" -ne 0 ]; then
    echo "test.sh: FAILED in $stage_name after $((SECONDS - stage_at)) s, $SECONDS s in all" >&2
  fi
}
trap on_exit EXIT

# stage NAME COMMAND...: runs it and says how long it took.
stage() {
  stage_name=$1
  stage_at=$SECONDS
  shift
  echo "== $stage_name: $*"
  "$@"
  n_stages=$((n_stages + 1))
  echo "== $stage_name: ok, $((SECONDS - stage_at)) s"
}

# Advisories need the network and are looked at elsewhere. Licences are in tidy as well.
deny() {
  if cargo deny --version >/dev/null 2>&1; then
    cargo deny --offline check --hide-inclusion-graph licenses bans sources
  else
    echo "cargo-deny is not installed: bans and sources are not checked, licences are (by tidy)"
  fi
}

# The commands that package.json in web/ names, and npm's own.
web() {
  npm --prefix web --loglevel=error "$@"
}

# schemathesis, which plays a program that talks to ours; web/tests/api.test.mjs starts it.
python() {
  python3 -m venv target/python
  target/python/bin/pip install --quiet --disable-pip-version-check --requirement web/tests/requirements.txt
}

browser() {
  cargo build --package sonae
  SONAE_BIN=$(realpath "${CARGO_TARGET_DIR:-target}/debug/sonae")
  export SONAE_BIN
  web test
}

tests() {
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --workspace --no-fail-fast
  else
    cargo test --workspace --no-fail-fast
  fi
}

changed_files() {
  git status --porcelain 2>/dev/null || echo "not a git checkout"
}

# Tests that write into the tree hide what is not committed.
clean() {
  local changed_after
  changed_after=$(changed_files)
  if [ "$changed_before" != "$changed_after" ]; then
    echo "the tests changed the tree:"
    echo "$changed_after"
    return 1
  fi
}

changed_before=$(changed_files)

stage setup scripts/setup.sh
stage fetch cargo fetch --locked
stage fetch-web web ci --ignore-scripts --no-audit --no-fund
stage fetch-python python
# Everything is here now; nothing after this may reach for the network.
export CARGO_NET_OFFLINE=true
stage format cargo fmt --all --check
stage clippy cargo clippy --workspace --all-targets -- -D warnings
stage docs env RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items
stage tests tests
stage web web run check
stage browser browser
stage tidy cargo xtask tidy
stage deny deny
stage clean clean

echo "test.sh: all $n_stages stages ok, $SECONDS s"
