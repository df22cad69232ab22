# Sourced by the other scripts: where we are, which tools at which version, how to speak.
# shellcheck shell=bash

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

WASM_TARGET=wasm32-unknown-unknown
# 0.22 asks for a newer compiler than this package does.
TRUNK_VERSION=0.21.14
# The tool and the crate speak a private format to each other: their versions must be equal.
WASM_BINDGEN_VERSION=$(
  awk '/^name = "wasm-bindgen"$/ { getline; gsub(/"/, ""); print $3 }' Cargo.lock
)

# Where cargo puts the tools that it installs.
TOOL_BIN=${CARGO_INSTALL_ROOT:-${CARGO_HOME:-$HOME/.cargo}}/bin
export PATH="$TOOL_BIN:$PATH"

# Trunk reads NO_COLOR as a boolean, where everybody else takes any value for yes.
if [ -n "${NO_COLOR:-}" ]; then export NO_COLOR=true; fi
# A build asks nobody whether there is a newer Trunk.
export TRUNK_SKIP_VERSION_CHECK=true
# Browsers come from the system.
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
# npm neither asks for its own updates nor advertises.
export npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false

say() { printf '%s\n' "$*"; }
die() {
  printf '\n%s\n' "$1" >&2
  shift
  if [ $# -gt 0 ]; then printf '  %s\n' "$@" >&2; fi
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

# The version that a tool prints, without words around it.
version_of() { "$@" --version 2>/dev/null | awk '{ print $2; exit }'; }

# The browser: $CHROMIUM, or the first that is there.
find_chromium() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    if [ -n "$name" ] && has "$name"; then
      command -v "$name"
      return 0
    fi
  done
  return 1
}
find_driver() {
  if [ -n "${CHROMEDRIVER:-}" ] && has "$CHROMEDRIVER"; then
    command -v "$CHROMEDRIVER"
  else
    command -v chromedriver
  fi
}
