# The front door. `make` sets up what is missing and builds build/release/yolo.

PRESET ?= release
BUILD = build/$(PRESET)
JOBS ?= $(shell nproc)
LIBTORCH = $(if $(filter 0 OFF False,$(YOLOVINO_LIBTORCH)),OFF,ON)

.PHONY: all setup setup-torch setup-test build tests check demo test check-slice check-starts check-handles check-long lint docs package wheel test-python test-wheel test-scale test-serve test-page asan tsan soak fuzz bench install clean

all: build

setup:
	@tools/setup.sh

# What `make` does in any case unless YOLOVINO_LIBTORCH=0 leaves LibTorch out.
setup-torch:
	@YOLOVINO_LIBTORCH=1 tools/setup.sh

# What the tests need besides.
setup-test: setup
	@tools/setup.sh test

# Configures anew when LibTorch comes or goes.
$(BUILD)/libtorch-$(LIBTORCH):
	@rm -f $(BUILD)/libtorch-*
	@cmake --preset $(PRESET) -DYOLOVINO_LIBTORCH=$(LIBTORCH) > $(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@touch $@

build: setup
	@mkdir -p build
	@$(MAKE) --no-print-directory $(BUILD)/libtorch-$(LIBTORCH) PRESET=$(PRESET)
	@cmake --build --preset $(PRESET) -j $(JOBS) --target yolovino_product

# Product, tests, and examples.
tests: setup-test
	@mkdir -p build
	@$(MAKE) --no-print-directory $(BUILD)/libtorch-$(LIBTORCH) PRESET=$(PRESET)
	@cmake --build --preset $(PRESET) -j $(JOBS) --target yolovino_product yolovino_tests

# The tests of one room, after a change there: make check ROOM=cli
check: setup-test
	@[ -n "$(ROOM)" ] || { echo "make check: name a room of tests/unit, for example ROOM=cli" >&2; exit 2; }
	@mkdir -p build
	@$(MAKE) --no-print-directory $(BUILD)/libtorch-$(LIBTORCH) PRESET=$(PRESET)
	@cmake --build --preset $(PRESET) -j $(JOBS) --target $(ROOM)_tests
	@$(BUILD)/tests/$(ROOM)_tests --gtest_brief=1

demo: build
	@tools/demo.sh $(BUILD)/yolo

test: tests
	@tools/run_tests.sh $(BUILD)

# Ray and Spark for real, with processes that are killed; the last line is `N passed, N failed`.
test-scale: build
	@tools/setup.sh scale
	@cmake --build --preset $(PRESET) -j $(JOBS) --target yolovino_c
	@tools/test_scale.sh $(BUILD)

# Clients of others against `yolo serve`; the last line is `N passed, N failed`.
test-serve: build
	@tools/setup.sh serve
	@cmake --build --preset $(PRESET) -j $(JOBS) --target yolovino_c
	@tools/test_serve.sh $(BUILD)

# The page of `yolo serve` in Chromium; the last line is `N passed, N failed`.
test-page: build
	@tools/setup.sh page
	@tools/test_page.sh $(BUILD)

asan:
	@$(MAKE) --no-print-directory test PRESET=asan-ubsan

# The tests that run threads, stopping at the first race. OpenVINO and TBB are not built for it: see the list.
tsan: setup-test
	@$(MAKE) --no-print-directory tests PRESET=tsan
	@tools/check_threads.sh build/tsan

# What every change can wait for: AddressSanitizer (with leaks) and UBSan over the rooms that read untrusted files,
# ThreadSanitizer over the threads that need no runtime.
check-slice: setup-test
	@tools/setup.sh fuzz
	@cmake --preset asan-slice > /dev/null
	@cmake --build --preset asan-slice -j $(JOBS) --target yolovino_tests
	@tools/run_tests.sh build/asan-slice
	@cmake --preset tsan-slice > /dev/null
	@cmake --build --preset tsan-slice -j $(JOBS) --target yolovino_tests
	@tools/run_tests.sh build/tsan-slice

# 20,000 images in one process, whose memory must not grow.
soak: tests
	@$(BUILD)/tests/yolovino_soak assets/sample/yolov8-shapes.pt assets/sample/shapes-val/images/val 20000 3

# Predictions of videos and odd images, started over and over with all cores busy; none may crash.
STARTS ?= 2000
check-starts: tests
	@tools/check_starts.sh $(BUILD) $(STARTS)

# Handles of the C interface, made and freed a million times under AddressSanitizer, leaks included.
HANDLES ?= 1000000
check-handles:
	@$(MAKE) --no-print-directory tests PRESET=asan-ubsan
	@build/asan-ubsan/tests/c_api_handles assets/sample/yolov8-shapes.pt assets/sample/shapes-val/images/val/0004.jpg $(HANDLES)

# What takes too long for every change: all tests under AddressSanitizer and UBSan, the threads, the soak, the starts,
# the handles, fuzzing.
check-long: asan tsan soak check-starts check-handles fuzz

# Each target runs for FUZZ_SECONDS, with clang, libFuzzer, and sanitizers.
FUZZ_SECONDS ?= 60
fuzz:
	@tools/setup.sh fuzz
	@cmake --preset asan-slice > /dev/null
	@cmake --build --preset asan-slice -j $(JOBS) --target yolovino_fuzz
	@tools/fuzz.sh build/asan-slice $(FUZZ_SECONDS)

# Format, scripts, and clang-tidy on what changed since origin/main; LINT_ALL=1 looks at every file.
lint: tests
	@tools/setup.sh lint
	@tools/lint.sh $(BUILD)

# The API reference, from the comments of include/yolovino, in build/docs/api.
docs:
	@tools/setup.sh docs
	@tools/docs.sh

# A .tar.gz and a .deb of what `make install` installs, in $(BUILD)/packages.
package: build
	@tools/setup.sh package
	@cpack --config $(BUILD)/CPackConfig.cmake -B $(BUILD)/packages

# The Python wheel, in $(BUILD)/wheel/dist.
wheel: build
	@tools/setup.sh python
	@cmake --build $(BUILD) -j $(JOBS) --target python_wheel

# The Python package over the build's library; the last line is `N passed, N failed`.
test-python: build
	@tools/setup.sh python
	@cmake --build $(BUILD) -j $(JOBS) --target yolovino_c yolo > /dev/null
	@tools/test_python.sh $(BUILD) python/tests

# The wheel in clean environments of every Python that is here.
test-wheel: wheel
	@tools/test_python.sh $(BUILD) python/tests_wheel

bench: build
	@cmake -S . -B $(BUILD) -DYOLOVINO_BUILD_BENCH=ON > /dev/null
	@cmake --build $(BUILD) -j $(JOBS) --target yolovino_bench
	@$(BUILD)/yolovino_bench

install: build
	@cmake --install $(BUILD)

clean:
	rm -rf build
