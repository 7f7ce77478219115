#include "options/check.hpp"

#include <fmt/format.h>

#include "yolovino/error.hpp"

#include "options/schema.hpp"

namespace yolovino::options {

namespace {

void check(Mode mode, const Settings& settings) {
    for (const Option& option : schema()) {
        const Binding* binding = option.binding(mode);
        if (binding == nullptr || !binding->problem) continue;
        const std::string problem = binding->problem(settings, option.range);
        if (!problem.empty())
            throw Error(ErrorCode::InvalidArgument, binding->area, fmt::format("{} {}", option.key, problem));
    }
}

}  // namespace

void check(const PredictArgs& args) {
    Settings settings;
    settings.predict = args;
    check(Mode::Predict, settings);
}

void check(const TrackArgs& args) {
    Settings settings;
    settings.track = args;
    check(Mode::Track, settings);
}

void check(const ValArgs& args) {
    Settings settings;
    settings.val = args;
    check(Mode::Val, settings);
}

void check(const ExportArgs& args) {
    Settings settings;
    settings.export_args = args;
    check(Mode::Export, settings);
}

// Not every option of the runtime is one of the command for these two.
void check(const BenchmarkArgs& args) {
    Settings settings;
    settings.benchmark = args;
    settings.val.runtime = args.runtime;
    check(Mode::Benchmark, settings);
    check(Mode::Val, settings);
}

void check(const AgreeArgs& args) {
    Settings settings;
    settings.agree = args;
    check(Mode::Agree, settings);
    for (const AgreeSide& side : args.sides) {
        settings.predict.runtime = side.runtime;
        check(Mode::Predict, settings);
    }
}

}  // namespace yolovino::options
