#!/usr/bin/env bash
# The editor's bundle: built from editor/ and committed, so that the page builds with Rust alone.
#
#   scripts/editor.sh build   writes static/vendor
#   scripts/editor.sh check   builds it beside, compares byte for byte, and runs the editor's tests
. "$(dirname "$0")/env.sh"
what=${1:-check}
case "$what" in build | check) ;; *) die "usage: scripts/editor.sh build | check" ;; esac

if ! bash scripts/setup.sh packages editor; then
  # Without a network there is nothing to compare with; with one, this is a fault.
  if [ "$what" = build ] || npm ping --fetch-retries=0 --fetch-timeout=5000 >/dev/null 2>&1; then
    die "The editor's packages could not be installed:" "npm ci --prefix editor"
  fi
  say "SKIPPED: npm's packages cannot be reached, so the editor's bundle was not compared."
  exit 0
fi

if [ "$what" = build ]; then
  exec npm run build --prefix editor --silent
fi

npm test --prefix editor --silent
# The bundler writes to ../static/vendor: beside a copy of its source that is a folder of its own.
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
mkdir "$fresh/editor"
for entry in editor/*; do
  if [ "$entry" = editor/node_modules ]; then
    ln -s "$PWD/$entry" "$fresh/editor/node_modules"
  else
    cp -R "$entry" "$fresh/editor/"
  fi
done
npm run build --prefix "$fresh/editor" --silent
diff -r "$fresh/static/vendor" static/vendor >/dev/null ||
  die "static/vendor is not what editor/ builds. After a change there:" "make editor"
say "static/vendor is what editor/ builds"
