#include <iostream>
#include <thread>
#include <vector>
#include <yolovino/yolovino.hpp>

#include "snippets.hpp"

namespace snippets {

// [docs]
void serve_images(const yolovino::Model& model, const std::vector<std::span<const std::byte>>& requests) {
    const yolovino::Predictor predictor = model.predictor({.conf = 0.4, .verbose = false});
    std::vector<std::jthread> threads;
    threads.reserve(requests.size());
    for (const std::span<const std::byte> jpeg : requests) {
        threads.emplace_back([&predictor, jpeg] {
            const yolovino::CallSinks sinks{.log = [](yolovino::LogLevel, std::string_view line) {
                std::cerr << "this request: " << line << '\n';
            }};
            const yolovino::Results results = predictor(jpeg, sinks);
            std::cout << results.to_json() + "\n";
        });
    }
}
// [/docs]

}  // namespace snippets
