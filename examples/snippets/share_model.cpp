#include <string>
#include <thread>
#include <vector>
#include <yolovino/yolovino.hpp>

#include "snippets.hpp"

namespace snippets {

// [docs]
void share_model(const yolovino::Model& model, const std::vector<std::string>& sources) {
    std::vector<std::jthread> threads;
    threads.reserve(sources.size());
    for (const std::string& source : sources) {
        threads.emplace_back([model, source] {  // copies of a model share everything
            for (const yolovino::Results& results : model.predict(source)) results.verbose();
        });
    }
}
// [/docs]

}  // namespace snippets
