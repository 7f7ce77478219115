#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "serve/generation.hpp"
#include "serve/kserve/served_model.hpp"
#include "serve/kserve/statistics.hpp"
#include "serve/message.hpp"
#include "serve/metrics/metrics.hpp"
#include "serve/reload/repository.hpp"

namespace yolovino::serve {

/// The Open Inference Protocol (KServe v2) over HTTP, with Triton's extensions: binary tensors, configurations,
/// statistics, and the repository. Thread-safe.
class Protocol {
public:
    /// @param repository may be null: models are then neither listed beyond `generations` nor loaded
    /// @param model_control whether clients may load and unload
    /// @param metrics may be null
    Protocol(const Generations& generations, Repository* repository, bool model_control, Metrics* metrics = nullptr)
        : generations_(generations), repository_(repository), model_control_(model_control), metrics_(metrics) {}

    /// Throws nothing: an error is an answer, too.
    Response handle(const Request& request);

private:
    Response route(const Request& request, const std::vector<std::string>& parts);
    Response describe_server() const;
    Response model(const Request& request, const std::vector<std::string>& parts);
    Response infer(const Request& request, const ServedModel& model);
    void count(const Generation& generation, const Inference& inference) const;
    Response statistics_of(const std::vector<std::string>& names) const;
    Response index(const Request& request) const;
    Response control(const Request& request, const std::string& name, const std::string& action);

    const Generations& generations_;
    Repository* repository_;
    bool model_control_;
    Metrics* metrics_;
    Statistics statistics_;
};

}  // namespace yolovino::serve
