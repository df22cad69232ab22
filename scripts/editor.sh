#!/usr/bin/env bash
# The editor's bundle: built from editor/ and committed, so that the page builds with Rust alone.
#
#   scripts/editor.sh build   writes static/vendor/editor.js
#   scripts/editor.sh check   builds it elsewhere and compares byte for byte
. "$(dirname "$0")/env.sh"
what=${1:-check}
bundle=static/vendor/editor.js

if [ ! -f editor/package.json ]; then
  [ ! -e "$bundle" ] || die "$bundle stands there without its source in editor/."
  say "There is no editor/ to build."
  exit 0
fi
if ! bash scripts/setup.sh packages editor; then
  # Without a network there is nothing to compare with; with one, this is a fault.
  if [ "$what" = build ] || npm ping --fetch-retries=0 --fetch-timeout=5000 >/dev/null 2>&1; then
    die "The editor's packages could not be installed:" "npm ci --prefix editor"
  fi
  say "SKIPPED: npm's packages cannot be reached, so the editor's bundle was not compared."
  exit 0
fi

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
# `npm run build` writes where $OUT says, or to the committed file.
OUT="$fresh/editor.js" npm run build --prefix editor --silent
[ -s "$fresh/editor.js" ] || die "editor/'s build did not write to \$OUT."
case "$what" in
  build)
    mkdir -p static/vendor
    cp "$fresh/editor.js" "$bundle"
    say "wrote $bundle"
    ;;
  check)
    cmp "$fresh/editor.js" "$bundle" ||
      die "$bundle is not what editor/ builds. After a change there:" "make editor"
    say "$bundle is what editor/ builds"
    ;;
  *) die "usage: scripts/editor.sh build | check" ;;
esac
