# The commands of this repository. `make serve` and `make test` set up what is missing first.

.DEFAULT_GOAL := help
.PHONY: help setup serve build test check bench bench-page editor licences digests clean

help: ## Lists the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

serve: ## Builds the release page and serves it on http://127.0.0.1:8080
	@bash scripts/serve.sh

build: ## Builds the release page into dist/, ready for any static host under any path
	@bash scripts/build.sh

test: ## Everything that has to hold: lints, native, wasm, size budget, browser
	@bash scripts/test.sh

check: ## The quick part of it: format, lints and native tests
	@bash scripts/test.sh check

bench: ## Measures the engine
	@cargo bench --locked

bench-page: ## Measures scrubbing and scrolling of the release page in a browser
	@bash scripts/bench-page.sh

editor: ## Builds static/vendor/editor.js from editor/
	@bash scripts/editor.sh build

licences: ## Rewrites static/licences.txt after a change of dependencies
	@node scripts/licences.mjs write

digests: ## Rewrites tests/digests.txt and what stands before the wasm after a change of behaviour that was meant
	@UPDATE=1 cargo test --locked --test determinism --test frame

setup: ## Only sets up what is missing
	@bash scripts/setup.sh test

clean: ## Removes what was built
	@rm -rf target dist tests/browser/node_modules tests/browser/results editor/node_modules
