#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "base/api_call.hpp"
#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "data/glob.hpp"
#include "engine/validate/report.hpp"
#include "engine/validate/shard_identity.hpp"
#include "tasks/lookup.hpp"

namespace yolovino {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMaxShardBytes = std::uint64_t{8} << 30U;

/// One part as its file holds it.
struct Part {
    fs::path file;
    const tasks::Task* task = nullptr;
    std::unique_ptr<tasks::Metric> metric;
    Json run;  ///< the same in all parts of one run
    std::string protocol;
    std::size_t shard = 0;
    std::size_t shards = 0;
    std::size_t corrupt = 0;
    std::size_t unreadable = 0;
    ClassNames names;
    Speed total_ms;
};

Part read_part(const fs::path& file) {
    const std::vector<std::byte> bytes = base::read_file(file, kMaxShardBytes);
    Part part;
    part.file = file;
    std::string description;
    part.task = &tasks::task_of_shard(bytes);
    part.metric = part.task->read_metric(bytes, file.string(), description);
    try {
        const Json root = Json::parse(description);
        part.run = root.at("run");
        part.protocol = part.run.at("protocol").get<std::string>();
        part.names = part.run.at("names").get<ClassNames>();
        part.shards = part.run.at("shards").get<std::size_t>();
        part.corrupt = part.run.at("corrupt").get<std::size_t>();
        part.shard = root.at("shard").get<std::size_t>();
        part.unreadable = root.at("unreadable").get<std::size_t>();
        const auto speed = root.at("speed").get<std::vector<double>>();
        part.total_ms = {speed.at(0), speed.at(1), speed.at(2)};
    } catch (const std::exception& e) {
        throw Error(ErrorCode::CorruptFile, "val", fmt::format("the description is damaged: {}", e.what()),
                    {.file = file.string()});
    }
    if (part.names.size() != part.metric->classes())
        throw Error(ErrorCode::CorruptFile, "val", "names and confusion matrix disagree", {.file = file.string()});
    return part;
}

std::vector<fs::path> expand(const std::string& files) {
    std::vector<fs::path> out;
    std::string_view rest = files;
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        std::string_view word = rest.substr(0, comma);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        constexpr std::string_view kAround = " \t[]'\"";
        const std::size_t begin = word.find_first_not_of(kAround);
        if (begin == std::string_view::npos) continue;
        const std::string name(word.substr(begin, word.find_last_not_of(kAround) - begin + 1));
        std::error_code ignored;
        if (fs::exists(name, ignored) || !data::is_pattern(name)) {
            out.emplace_back(name);
        } else {
            for (std::string& each : data::glob_files(name)) out.emplace_back(std::move(each));
        }
    }
    if (out.empty())
        throw Error(ErrorCode::NotFound, "val", fmt::format("merge '{}' names no file", base::printable(files)));
    return out;
}

[[noreturn]] void refuse(const Part& part, const std::string& what) {
    throw Error(ErrorCode::InvalidArgument, "val", what, {.file = part.file.string()},
                "give every file of one run, made by 'yolo val shard=i/n', once");
}

void check_together(const std::vector<Part>& parts) {
    std::set<std::size_t> present;
    for (const Part& part : parts) {
        if (part.task != parts.front().task || part.run != parts.front().run)
            refuse(part, fmt::format("the part is of another run than {}: {}", parts.front().file.string(),
                                     part.task == parts.front().task
                                         ? engine::identity_difference(part.run, parts.front().run)
                                         : "the tasks differ"));
        if (!present.insert(part.shard).second) refuse(part, fmt::format("shard {} is given twice", part.shard));
    }
    for (std::size_t i = 1; i <= parts.front().shards; ++i) {
        if (!present.contains(i)) refuse(parts.front(), fmt::format("shard {}/{} is missing", i, parts.front().shards));
    }
}

}  // namespace

fs::path engine::ValReport::write_shard(const Json& run, const ValPlan& plan, const ValOutcome& outcome) const {
    const Json root = {
        {"run", run},
        {"shard", plan.shard},
        {"unreadable", outcome.unreadable},
        {"speed", {outcome.total_ms.preprocess, outcome.total_ms.inference, outcome.total_ms.postprocess}}};
    fs::path file = folder_ / fmt::format("shard-{}-of-{}.val", plan.shard, plan.shards);
    base::write_text_file(file, outcome.metric->serialize(root.dump(-1, ' ', false, Json::error_handler_t::replace)));
    base::info("Part {} of {} written to {}; when all are there: yolo val merge='{}'", plan.shard, plan.shards,
               file.string(), (folder_ / "shard-*.val").string());
    return file;
}

namespace {

ValResults merge(const std::string& files, const ValArgs& args) {
    ValArgs used = args;
    used.shard.clear();
    used.save_json = used.save_txt = false;
    std::vector<Part> parts;
    for (const fs::path& file : expand(files)) parts.push_back(read_part(file));
    check_together(parts);
    used.protocol = parts.front().protocol;
    tasks::Metric& whole = *parts.front().metric;
    Speed total = parts.front().total_ms;
    std::size_t corrupt = parts.front().corrupt + parts.front().unreadable;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        whole.merge(std::move(*parts[i].metric));
        total.preprocess += parts[i].total_ms.preprocess;
        total.inference += parts[i].total_ms.inference;
        total.postprocess += parts[i].total_ms.postprocess;
        corrupt += parts[i].unreadable;
    }
    return engine::ValReport(used, *parts.front().task, parts.front().names)
        .finish(whole, total, corrupt, engine::identity_facts(parts.front().run));
}

}  // namespace

ValResults merge_val(const std::string& files, const ValArgs& args) {
    return base::api_call("val", [&] { return merge(files, args); });
}

}  // namespace yolovino
