#!/usr/bin/env bash
# Everything that has to hold, cheapest first; stops at the first step that fails and names it.
#
#   scripts/test.sh         all of it
#   scripts/test.sh check   format, lints and native tests
. "$(dirname "$0")/env.sh"
what=${1:-all}
case "$what" in all | check) ;; *) die "usage: scripts/test.sh [check]" ;; esac

LOGS=target/test-logs
mkdir -p "$LOGS"
rm -f "$LOGS"/*.log
times=()

# Runs one step: its output is shown and kept, its time is noted.
step() { # a name for its log, a title, the command
  local name=$1 title=$2 begin=$SECONDS
  shift 2
  printf '\n== %s\n' "$title"
  if ! "$@" 2>&1 </dev/null | tee "$LOGS/$name.log"; then
    die "FAILED: $title" "$*"
  fi
  times+=("$(printf '%5d s  %s' $((SECONDS - begin)) "$title")")
}

# Adds up what the runners said of themselves: cargo test's and Playwright's closing lines.
total() {
  cat "$LOGS"/*.log | awk '
    /^test result:/ { passed += $4; failed += $6; skipped += $8 }
    /^ +[0-9]+ passed/ { passed += $1 }
    /^ +[0-9]+ skipped$/ { skipped += $1 }
    END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped }'
}

if [ "$what" = all ]; then
  step setup "Set up what is missing" bash scripts/setup.sh test
  CHROMIUM=$(find_chromium)
  CHROMEDRIVER=$(find_driver)
  export CHROMIUM CHROMEDRIVER
fi
step format "Format" cargo fmt --all --check
step clippy "Lints, native" cargo clippy --locked --all-targets -- -D warnings
if [ "$what" = all ]; then
  step clippy-wasm "Lints, wasm32" \
    cargo clippy --locked --target "$WASM_TARGET" --lib --bins --test wasm -- -D warnings
fi
if [ "$what" = all ]; then step licences "Licences" node scripts/licences.mjs check; fi
step native "Native tests" cargo test --locked
if [ "$what" = all ]; then
  # The profile of the page: what is tested is what is served, and both share one build.
  step wasm "Wasm tests, in a browser" \
    cargo test --locked --release --target "$WASM_TARGET" --test wasm -- --nocapture
  step build "The release page" bash scripts/build.sh
  step size "Size budget" node scripts/size.mjs
  step editor "The editor's bundle is what editor/ builds" bash scripts/editor.sh check
  step browser "Browser tests of the release page" npm test --prefix tests/browser --silent
fi

printf '\n== Times\n'
printf '%s\n' "${times[@]}"
printf '\n'
total
