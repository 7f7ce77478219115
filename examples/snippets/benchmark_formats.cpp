#include <filesystem>
#include <iostream>
#include <yolovino/yolovino.hpp>

#include "snippets.hpp"

namespace snippets {

// [docs]
void benchmark_formats(const std::filesystem::path& checkpoint, const std::filesystem::path& data) {
    const yolovino::BenchmarkArgs args{.data = data, .formats = "onnx,openvino"};
    yolovino::BenchmarkReport report = yolovino::start_benchmark(args);
    for (const std::string& format : yolovino::benchmark_formats(args))
        report.rows.push_back(yolovino::benchmark(checkpoint, format, args));
    std::cout << yolovino::to_table(report);
}
// [/docs]

}  // namespace snippets
