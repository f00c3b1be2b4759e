#!/usr/bin/env bash
# Installs what the tests need on Debian 12, and nothing when it is all there.
#
#   scripts/setup.sh           for scripts/test.sh
#   scripts/setup.sh --bench   also for cargo xtask bench
#
# Rust comes from rustup; rust-toolchain.toml names the version.
set -euo pipefail
exec </dev/null

# package  why
packages=(
  "gcc             compiles SQLite, and links"
  "libc6-dev       headers for that"
  "postgresql-15   the second database; tests start their own server from its programs"
  "poppler-utils   reads the printed forms back (pdftotext)"
  "python3-aiosmtpd a real mail server, to which reminders are sent"
  "nmap            a real scan of this machine, read by its reader"
  "restic          a real backup, listed and read"
  "borgbackup      the same with the other tool"
  "chromium        the browser that walks through the pages"
  "python3-venv    holds the program that asks the interface odd questions"
  "fonts-noto-cjk  so that it has Japanese letters"
)
# Only where the machine has no Node of its own, or one too old for the tools.
node_packages=(
  "nodejs          builds the look of the pages, and runs the walks"
  "npm             fetches the tools for that"
)
bench_packages=(
  "sqlite3         the plain tool that figures are compared with"
  "time            measures peak memory"
)

case "${1:-}" in
  "") ;;
  --bench) packages+=("${bench_packages[@]}") ;;
  *)
    echo "setup: unknown argument: $1" >&2
    exit 2
    ;;
esac

if ! command -v cargo >/dev/null; then
  echo "setup: cargo is missing: install rustup; it takes the version from rust-toolchain.toml" >&2
  exit 1
fi

is_installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

has_node() {
  command -v npm >/dev/null &&
    node --eval 'process.exit(process.versions.node.split(".")[0] >= 18 ? 0 : 1)' 2>/dev/null
}

has_node || packages+=("${node_packages[@]}")

missing=()
for line in "${packages[@]}"; do
  read -r package why <<<"$line"
  if ! is_installed "$package"; then
    echo "setup: installing $package: $why"
    missing+=("$package")
  fi
done

if [ ${#missing[@]} -eq 0 ]; then
  echo "setup: nothing is missing"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "setup: run as root, or install with: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --quiet --quiet "$@"
}

# The lists may be older than the packages they name; try without refreshing first.
install=(install --yes --no-install-recommends "${missing[@]}")
if ! apt "${install[@]}" >/dev/null 2>&1; then
  apt update
  apt "${install[@]}" >/dev/null
fi
echo "setup: installed ${missing[*]}"
