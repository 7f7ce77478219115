# The front door. `make` sets up what is missing and builds build/release/yolo.

PRESET ?= release
BUILD = build/$(PRESET)
JOBS ?= $(shell nproc)
LIBTORCH = $(if $(filter 0 OFF False,$(YOLOVINO_LIBTORCH)),OFF,ON)

.PHONY: all setup setup-torch build demo test check-slice check-starts check-long lint asan tsan soak fuzz bench install clean

all: build

setup:
	@tools/setup.sh

# What `make` does in any case unless YOLOVINO_LIBTORCH=0 leaves LibTorch out.
setup-torch:
	@YOLOVINO_LIBTORCH=1 tools/setup.sh

# Configures anew when LibTorch comes or goes.
$(BUILD)/libtorch-$(LIBTORCH):
	@rm -f $(BUILD)/libtorch-*
	@cmake --preset $(PRESET) -DYOLOVINO_LIBTORCH=$(LIBTORCH) > $(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@touch $@

build: setup
	@mkdir -p build
	@$(MAKE) --no-print-directory $(BUILD)/libtorch-$(LIBTORCH) PRESET=$(PRESET)
	@cmake --build --preset $(PRESET) -j $(JOBS)

demo: build
	@tools/demo.sh $(BUILD)/yolo

test: build
	@tools/run_tests.sh $(BUILD)

asan:
	@$(MAKE) --no-print-directory test PRESET=asan-ubsan

# The tests that run threads, stopping at the first race. OpenVINO and TBB are not built for it: see the list.
tsan: setup
	@$(MAKE) --no-print-directory build PRESET=tsan
	@tools/check_threads.sh build/tsan

# What every change can wait for: AddressSanitizer (with leaks) and UBSan over the rooms that read untrusted files,
# ThreadSanitizer over the threads that need no runtime.
check-slice: setup
	@cmake --preset asan-slice > /dev/null
	@cmake --build --preset asan-slice -j $(JOBS)
	@tools/run_tests.sh build/asan-slice
	@cmake --preset tsan-slice > /dev/null
	@cmake --build --preset tsan-slice -j $(JOBS)
	@tools/run_tests.sh build/tsan-slice

# 20,000 pictures in one process, whose memory must not grow.
soak: build
	@$(BUILD)/tests/yolovino_soak assets/sample/yolov8-shapes.pt assets/sample/shapes-val/images/val 20000 3

# Predictions of videos and odd images, started over and over with all cores busy; none may crash.
STARTS ?= 2000
check-starts: build
	@tools/check_starts.sh $(BUILD) $(STARTS)

# What takes too long for every change: all tests under AddressSanitizer and UBSan, the threads, the soak, the starts,
# fuzzing.
check-long: asan tsan soak check-starts fuzz

# Each target runs for FUZZ_SECONDS, with clang, libFuzzer, and sanitizers.
FUZZ_SECONDS ?= 60
fuzz:
	@tools/setup.sh fuzz
	@cmake --preset fuzz > /dev/null
	@cmake --build --preset fuzz -j $(JOBS)
	@tools/fuzz.sh build/fuzz $(FUZZ_SECONDS)

lint: build
	@tools/lint.sh $(BUILD)

bench: build
	@cmake -S . -B $(BUILD) -DYOLOVINO_BUILD_BENCH=ON > /dev/null
	@cmake --build $(BUILD) -j $(JOBS)
	@$(BUILD)/yolovino_bench

install: build
	@cmake --install $(BUILD)

clean:
	rm -rf build
