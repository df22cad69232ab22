#!/usr/bin/env bash
# Measures how smooth the release page in dist/ is under a hand; builds it where there is none.
#
#   scripts/bench-page.sh [NAME…]   scenarios of the gallery, or numbers of Pods; all otherwise
. "$(dirname "$0")/env.sh"
bash scripts/setup.sh test
if [ ! -f dist/index.html ]; then bash scripts/build.sh; fi
CHROMIUM=$(find_chromium)
export CHROMIUM
exec node tests/browser/bench.mjs "$@"
