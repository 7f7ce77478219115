#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "yolovino/model.hpp"
#include "yolovino/predict_args.hpp"
#include "yolovino/predictor.hpp"
#include "yolovino/tensor.hpp"

namespace yolovino::serve {

/// One loaded state of a model's file, ready to predict. It never changes; a reload makes another one.
struct Generation {
    std::string name;          ///< under which the model is served
    std::uint64_t number = 1;  ///< 1 for the first file of the name, then counted up
    std::string sha256;        ///< of the model's file, hexadecimal
    Model model;
    PredictArgs args;  ///< what `predictor` was made with: defaults of all requests
    Predictor predictor;
    std::vector<Tensor> outputs;  ///< names and shapes of the raw outputs at the size of `args`, without data
};

/// The models that are served. A request takes the current generation of a name and keeps it until it is answered, so a
/// generation ends with its last request.
class Generations {
public:
    /// The current one of a name; nothing if there is none. An empty name means the first model.
    std::shared_ptr<const Generation> find(const std::string& name) const;
    /// In the order in which they were first put.
    std::vector<std::shared_ptr<const Generation>> all() const;
    /// Makes a generation the current one of its name.
    void put(std::shared_ptr<const Generation> generation);
    /// Removes a name. Returns whether it was there.
    bool remove(const std::string& name);

private:
    mutable std::mutex mutex_;
    std::vector<std::string> order_;
    std::map<std::string, std::shared_ptr<const Generation>> current_;
};

/// Loads a model, compiles it, and runs it once. `number` as in Generation, `task` as Model takes it.
/// @throws Error as Model and Predictor do
std::shared_ptr<const Generation> load_generation(const std::string& name, const std::string& file,
                                                  const PredictArgs& args, std::uint64_t number,
                                                  const std::string& task = {});

}  // namespace yolovino::serve
