# Every target but help and clean first installs what is missing; the second time that takes no time.
.DEFAULT_GOAL := help
.PHONY: help setup build demo install test check bench chaos fuzz spec clean

# Where the official files of the specification are; the environment may say otherwise.
MOOR_SPEC_DIR := $(or $(MOOR_SPEC_DIR),../shared/spec/cmap)
MOOR_URI_SPEC_DIR := $(or $(MOOR_URI_SPEC_DIR),$(patsubst %/,%,$(dir $(MOOR_SPEC_DIR:/=)))/uri)
configure := cmake --preset release -D MOOR_SPEC_DIR='$(MOOR_SPEC_DIR)' -D MOOR_URI_SPEC_DIR='$(MOOR_URI_SPEC_DIR)'
# Where tests are built, what they need must be there.
configure_tests := $(configure) -D MOOR_REQUIRE_TEST_TOOLS=ON
# A server of one's own is used where there is one; otherwise one is started, and stopped at the end.
with_server := $(if $(MONGODB_URI),,scripts/with-server)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## install all that the other targets need
	@scripts/setup tests

build: setup ## build the library, examples, benchmarks and tests
	@$(configure_tests)
	@cmake --build --preset release

demo: ## index this machine's packages through moor; installs and builds no more than that needs
	@scripts/setup
	@$(configure) -D MOOR_REQUIRE_TEST_TOOLS=OFF
	@cmake --build --preset release --target package_index
	@$(with_server) build/release/examples/package_index

install: ## build the library and moorctl, and install them; PREFIX=path, /usr/local if not given
	@scripts/setup
	@$(configure) -D MOOR_REQUIRE_TEST_TOOLS=OFF
	@cmake --build --preset release --target moor moorctl
	@cmake --install build/release --prefix '$(or $(PREFIX),/usr/local)'

test: build ## build everything and run all tests
	@ctest --preset release

check: setup ## formatting, layers, static analysis
	@$(configure_tests)
	@scripts/check-format
	@scripts/check-layers
	@scripts/check-tidy

bench: build ## moor against libmongoc's own pool, outages, overload; writes bench/RESULTS.md
	@$(if $(MONGODB_URI),,scripts/fast-server || test $$? -eq 3)
	@$(if $(MONGODB_URI),,scripts/with-server --fast) scripts/bench

chaos: build ## ten minutes of load while moor's actors, its clients and the server are killed; SEED=n
	@build/release/tests/chaos --seconds 600 --seed $(or $(SEED),1)

fuzz: setup ## every parser fed by libFuzzer, ten minutes each, two at a time; MOOR_FUZZ_SECONDS=n
	@cmake --preset fuzz -D MOOR_FUZZ_SECONDS=$(or $(MOOR_FUZZ_SECONDS),600)
	@cmake --build --preset fuzz
	@ctest --preset fuzz

spec: build ## the official tests of connection pools and of connection strings
	@build/release/tests/spec_cmap '$(MOOR_SPEC_DIR)'
	@build/release/tests/spec_uri '$(MOOR_URI_SPEC_DIR)'

clean: ## remove what was built, not what was installed
	@rm -rf build/release build/dev build/asan build/fuzz build/tsan build/tsan-safe
