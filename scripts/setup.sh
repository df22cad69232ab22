#!/usr/bin/env bash
# Sets up what is missing; a second run finds everything and touches no network.
#
#   scripts/setup.sh build   the wasm target, Trunk, wasm-bindgen
#   scripts/setup.sh test    also rustfmt, clippy, Chromium, its driver and the packages of node
#
# Tools come prebuilt from their projects' releases where these can be reached, else from source.
. "$(dirname "$0")/env.sh"

need_rust() {
  has cargo || die "Rust is missing. Install it with rustup (https://rustup.rs):" \
    "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
  has cc || has gcc || has clang ||
    die "A C toolchain is missing (Rust links with it). On Debian:" \
      "apt-get install gcc libc6-dev"
}

need_target() {
  if [ -d "$(rustc --print sysroot)/lib/rustlib/$WASM_TARGET" ]; then return; fi
  say "setup: Rust's target $WASM_TARGET"
  local command="rustup target add $WASM_TARGET --no-self-update"
  has rustup || die "This Rust cannot build for $WASM_TARGET. With rustup:" "$command"
  $command || die "The target could not be installed. Once online:" "$command"
}

need_component() { # name, the command that shows that it is there
  if cargo "$2" --version >/dev/null 2>&1; then return; fi
  say "setup: $1"
  local command="rustup component add $1"
  has rustup || die "$1 is missing. With rustup:" "$command"
  $command || die "$1 could not be installed. Once online:" "$command"
}

# Rust's name for this machine, as releases name their files; empty where there are none.
release_target() { # the libc that the project builds for on Linux
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo "x86_64-unknown-linux-$1" ;;
    Linux-aarch64) echo "aarch64-unknown-linux-$1" ;;
    Darwin-x86_64) echo "x86_64-apple-darwin" ;;
    Darwin-arm64) echo "aarch64-apple-darwin" ;;
  esac
}

# Takes a tool from its project's release; says nothing and returns 1 when that is not to be had.
prebuilt() { # url of the archive, url of its checksum, names of the binaries
  local url=$1 sum_url=$2 folder want have name found
  shift 2
  if ! has curl || ! has tar || [ -n "${PODARIUM_BUILD_TOOLS:-}" ]; then return 1; fi
  folder=$(mktemp -d)
  local get=(curl --proto '=https' -fsSL --connect-timeout 3)
  if "${get[@]}" --max-time 10 -o "$folder/sum" "$sum_url" 2>/dev/null &&
    "${get[@]}" --max-time 120 -o "$folder/archive" "$url" 2>/dev/null; then
    want=$(awk '{ print $1; exit }' "$folder/sum")
    have=$({ sha256sum "$folder/archive" 2>/dev/null || shasum -a 256 "$folder/archive"; } |
      awk '{ print $1 }')
    if [ "$want" = "$have" ] && tar -xzf "$folder/archive" -C "$folder"; then
      mkdir -p "$TOOL_BIN"
      for name in "$@"; do
        found=$(find "$folder" -type f -name "$name" | head -n 1)
        [ -n "$found" ] && install -m 755 "$found" "$TOOL_BIN/$name"
      done
    fi
  fi
  rm -rf "$folder"
  # A binary that does not run here (another libc) is as good as none.
  for name in "$@"; do "$TOOL_BIN/$name" --version >/dev/null 2>&1 || return 1; done
}

from_source() { # crate@version
  say "setup: building $1 (once, some minutes)"
  # Nobody waits for these tools: a plain build halves the time that it takes to get them.
  CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 cargo install --locked --force --quiet "$1" ||
    die "$1 could not be built. Once crates can be downloaded:" "cargo install --locked $1"
}

need_trunk() {
  case "$(version_of trunk || true)" in 0.21.*) return ;; esac
  say "setup: Trunk $TRUNK_VERSION"
  local release=https://github.com/trunk-rs/trunk/releases/download/v$TRUNK_VERSION
  local file
  file=trunk-$(release_target gnu).tar.gz
  prebuilt "$release/$file" "$release/$file.sha256" trunk &&
    [ "$(version_of trunk)" = "$TRUNK_VERSION" ] || from_source "trunk@$TRUNK_VERSION"
}

need_wasm_bindgen() {
  local want=$WASM_BINDGEN_VERSION
  if [ "$(version_of wasm-bindgen || true)" = "$want" ] &&
    [ "$(version_of wasm-bindgen-test-runner || true)" = "$want" ]; then return; fi
  say "setup: wasm-bindgen $want"
  local release=https://github.com/wasm-bindgen/wasm-bindgen/releases/download/$want
  local file
  file=wasm-bindgen-$want-$(release_target musl).tar.gz
  prebuilt "$release/$file" "$release/$file.sha256sum" wasm-bindgen wasm-bindgen-test-runner &&
    [ "$(version_of wasm-bindgen)" = "$want" ] || from_source "wasm-bindgen-cli@$want"
}

need_browser() {
  if find_chromium >/dev/null && find_driver >/dev/null; then return; fi
  local install="apt-get install -y --no-install-recommends chromium chromium-driver"
  local hint=("$install" "on macOS: brew install --cask google-chrome chromedriver"
    "or name yours: CHROMIUM=… CHROMEDRIVER=… make test")
  local root=()
  if [ "$(id -u)" != 0 ]; then
    if has sudo && sudo -n true 2>/dev/null; then root=(sudo -n); else
      hint[0]="sudo $install"
      die "Chromium and chromedriver are missing, and installing them takes root:" "${hint[@]}"
    fi
  fi
  has apt-get || die "Chromium and chromedriver are missing:" "${hint[@]}"
  say "setup: Chromium and its driver"
  local log
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  { "${root[@]}" apt-get update && "${root[@]}" $install; } >"$log" 2>&1 </dev/null || {
    tail -n 20 "$log" >&2
    die "Chromium could not be installed:" "${hint[@]}"
  }
  rm -f "$log"
}

# The packages of a folder, as its lock file says; nothing is done while that has not changed.
need_packages() { # folder
  local stamp=$1/node_modules/.installed
  if cmp -s "$1/package-lock.json" "$stamp"; then return; fi
  has npm || die "node and npm are missing (https://nodejs.org). On Debian:" \
    "apt-get install nodejs npm"
  say "setup: the packages of $1"
  npm ci --prefix "$1" --loglevel=error </dev/null || return 1
  cp "$1/package-lock.json" "$stamp"
}

what=${1:-}
case "$what" in
  build | test)
    need_rust
    need_target
    need_trunk
    need_wasm_bindgen
    ;;
  packages)
    need_packages "$2"
    exit
    ;;
  *) die "usage: scripts/setup.sh build | test | packages FOLDER" ;;
esac
if [ "$what" = test ]; then
  need_component rustfmt fmt
  need_component clippy clippy
  need_browser
  need_packages tests/browser || die "The packages of the browser tests could not be installed:" \
    "npm ci --prefix tests/browser"
fi
