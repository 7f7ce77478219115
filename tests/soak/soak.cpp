// Predicts the images of a folder over and over in throughput mode and compares each result with the one that latency
// mode finds. Memory may not grow once the first thousand results have come.
// usage: yolovino_soak MODEL FOLDER IMAGES [BATCH]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <unistd.h>

#include "yolovino/yolovino.hpp"

namespace {

using namespace yolovino;

constexpr std::size_t kSettled = 1000;   // results until which memory may still grow
constexpr double kAllowedGrowthMb = 16;  // pages that the allocator keeps, not a leak: the same for any length
constexpr float kBoxPx = 0.01F;
constexpr float kScore = 1e-5F;

double resident_mb() {
    std::size_t total = 0;
    std::size_t resident = 0;
    std::ifstream("/proc/self/statm") >> total >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1024 * 1024);
}

bool near(const Box& a, const Box& b) {
    return a.cls == b.cls && std::abs(a.conf - b.conf) <= kScore && std::abs(a.x1 - b.x1) <= kBoxPx &&
           std::abs(a.y1 - b.y1) <= kBoxPx && std::abs(a.x2 - b.x2) <= kBoxPx && std::abs(a.y2 - b.y2) <= kBoxPx;
}

std::string repeated(const std::string& folder, std::size_t times) {
    std::string list;
    for (std::size_t i = 0; i < times; ++i) list += folder + "\n";
    return list;
}

int run(const std::string& file, const std::string& folder, std::size_t images, int batch) {
    const Model model(file);
    PredictArgs args{.batch = batch, .rect = false, .runtime = {.precision = Precision::F32}, .verbose = false};
    args.runtime.performance = Performance::Latency;
    std::map<std::string, std::vector<Box>> expected;
    for (const Results& results : model.predict(folder, args)) expected[results.path] = results.boxes;
    args.runtime.performance = Performance::Throughput;
    std::size_t seen = 0;
    std::size_t different = 0;
    std::size_t bit_equal = 0;
    double settled_mb = 0;
    double highest_mb = 0;
    for (const Results& results : model.predict(repeated(folder, images / expected.size() + 1), args)) {
        const std::vector<Box>& wanted = expected.at(results.path);
        if (!std::ranges::equal(wanted, results.boxes, near)) ++different;
        if (wanted == results.boxes) ++bit_equal;
        if (++seen == kSettled) settled_mb = resident_mb();
        if (seen > kSettled && seen % 100 == 0) highest_mb = std::max(highest_mb, resident_mb());
        if (seen == images) break;
    }
    const double growth_mb = highest_mb == 0 ? 0 : highest_mb - settled_mb;
    std::printf(
        "%s, batch %d: %zu results, %zu bit for bit those of latency mode, %zu different; %.1f MB after %zu, growth "
        "%.1f MB\n",
        file.c_str(), batch, seen, bit_equal, different, settled_mb, kSettled, growth_mb);
    return seen == images && different == 0 && growth_mb < kAllowedGrowthMb ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fprintf(stderr, "usage: %s MODEL FOLDER IMAGES [BATCH]\n", argv[0]);
        return 2;
    }
    try {
        return run(argv[1], argv[2], std::strtoul(argv[3], nullptr, 10), argc > 4 ? std::atoi(argv[4]) : 1);
    } catch (const yolovino::Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
