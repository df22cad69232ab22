#!/usr/bin/env bash
# Builds the release page into dist/. Every link in it is relative: the folder works under any path.
. "$(dirname "$0")/env.sh"
bash scripts/setup.sh build
trunk build --release --locked --public-url ./
