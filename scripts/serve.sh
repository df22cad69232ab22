#!/usr/bin/env bash
# Builds the release page and serves it on this machine only, building again when a file changes.
. "$(dirname "$0")/env.sh"
PORT=${PORT:-8080}
if (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; then
  die "Something else listens on 127.0.0.1:$PORT already. On another port:" "PORT=8081 make serve"
fi
bash scripts/setup.sh build
# Trunk does not start while a folder that it shall not watch is missing, as in a fresh clone.
mkdir -p dist target
say "Podarium: http://127.0.0.1:$PORT/ (once the build is done; Ctrl+C ends it)"
exec trunk serve --release --locked --address 127.0.0.1 --port "$PORT" --no-autoreload \
  --disable-address-lookup true
