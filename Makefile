# One command for each thing. Every target sets up what it needs.

# `cargo nextest` shows each test by itself where it is installed; `cargo test` runs the same tests.
NEXTEST := $(shell command -v cargo-nextest 2>/dev/null)
# One invocation everywhere, so that features unify in one way and nothing is compiled twice.
ALL := --workspace --all-targets

.PHONY: help setup ui run test soak fuzz lint types docs bench package setup-test setup-bench

help:
	@echo 'make run      set up, build, and open the window (without a display: run an example in the terminal)'
	@echo 'make test     set up and run every check and test, the real window included'
	@echo 'make soak     kill the command line at 200 random moments, twice, and the window at 100; print ten gigabytes'
	@echo 'make fuzz     give each parser inputs of a coverage-guided fuzzer, SECONDS_EACH=60 seconds each'
	@echo 'make lint     formatters, clippy, svelte-check and eslint'
	@echo 'make types    write ui/src/bindings/types.ts anew'
	@echo 'make docs     write docs/cli.md anew, from what --help prints'
	@echo 'make bench    measure, and write docs/benchmarks.md (one part: make bench ONLY=editor)'
	@echo 'make package  build a release: a .deb with the window, the command line, the supervisor and what measures'

setup:
	@.ci/setup

setup-test:
	@.ci/setup test

setup-bench:
	@.ci/setup bench

ui: setup
	cd ui && npm run --silent build

run: ui
	cargo build --workspace
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		cargo run --quiet --package allgood-desktop; \
	else \
		echo; \
		echo 'There is no display here, so the window cannot open.'; \
		echo 'The same engine runs an example in this terminal: allgood run runbooks/backup-sqlite.md --auto --yes'; \
		echo; \
		cargo run --quiet --package cli --bin allgood -- run runbooks/backup-sqlite.md --auto --yes; \
	fi

lint: ui
	cargo fmt --all --check
	cargo clippy $(ALL) -- --deny warnings
	cd ui && npm run --silent lint && npm run --silent check

# The same random inputs each time, so that what is found is found by whoever changed something; `make soak` draws others.
test: export PROPTEST_RNG_SEED := 20261128
test: export ALLGOOD_BUILT := 1
test: setup-test lint
	cargo build $(ALL)
	cd ui && npm test --silent
	cargo test --workspace --doc
ifneq ($(NEXTEST),)
	cargo nextest run --workspace --filterset 'not binary(desktop)'
	cargo nextest run --workspace --filterset 'binary(desktop)' --test-threads 2
else
	cargo test --workspace --lib --bins --tests
endif

soak: export ALLGOOD_BUILT := 1
soak: setup-test ui
	cargo build $(ALL)
	ALLGOOD_MASKED=100000 cargo test --workspace --lib properties
	ALLGOOD_KILLS=200 cargo test --workspace --test cli killed_at -- --nocapture
	ALLGOOD_FLOOD=10000000000 cargo test --workspace --test cli whatever_a_command_prints -- --nocapture
	ALLGOOD_WINDOW_KILLS=100 cargo test --workspace --test desktop killed_at_random -- --nocapture
	SECONDS_EACH=600 tests/fuzz/run

fuzz:
	tests/fuzz/run

types:
	ALLGOOD_WRITE_TYPES=1 cargo test --workspace --lib typescript

docs:
	ALLGOOD_WRITE_DOCS=1 cargo test --workspace --test cli documents

bench: setup-bench ui
	tests/bench/run

package: ui
	cargo build --release --package cli --package engine --package measure
	cd ui && npx --yes @tauri-apps/cli@2.12.5 build --bundles deb
