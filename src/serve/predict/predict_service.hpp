#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "yolovino/predict_args.hpp"
#include "yolovino/predictor.hpp"
#include "yolovino/results.hpp"

#include "serve/generation.hpp"
#include "serve/message.hpp"
#include "serve/metrics/metrics.hpp"
#include "serve/predict/predictor_cache.hpp"

namespace yolovino::serve {

/// Images in, boxes out. Thread-safe; to be called by workers.
class PredictService {
public:
    PredictService(const Generations& generations, Metrics& metrics);

    /// `POST /predict`: an image as body, or a form with one or several. @throws Error, options::UsageError
    Response predict(const Request& request);
    /// `POST /v1/vision/detection`, as clients of DeepStack speak it. Does not throw.
    Response detect_as_deepstack(const Request& request);

private:
    using Pairs = std::vector<std::pair<std::string, std::string>>;

    struct Images;  ///< what a request holds
    struct Found;   ///< the results of its images, with their times

    static Images images_of(const Request& request);
    std::shared_ptr<const Generation> generation_of(const std::string& name) const;
    Found run(const std::shared_ptr<const Generation>& generation, const Images& images, const PredictArgs& args,
              const std::string& key);
    Results run_one(const Generation& generation, const Predictor& predictor, std::string_view encoded,
                    const std::string& path, StageTimes& sum);

    const Generations& generations_;
    Metrics& metrics_;
    PredictorCache cache_;
};

}  // namespace yolovino::serve
