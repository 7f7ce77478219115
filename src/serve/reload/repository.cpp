#include "serve/reload/repository.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <set>
#include <system_error>
#include <utility>

#include "yolovino/audit.hpp"

#include "base/fail.hpp"
#include "serve/model_list.hpp"
#include "serve/reload/file_signature.hpp"

namespace yolovino::serve {

namespace {

namespace fs = std::filesystem;

/// So often a file is loaded again that is replaced while it is being read.
constexpr int kMaxAttempts = 5;
/// No list of a folder is longer.
constexpr std::size_t kMaxListed = 1000;

[[noreturn]] void refuse_name(const std::string& name) {
    throw Error(ErrorCode::InvalidArgument, "repository",
                fmt::format("'{}' is no name of a model", base::printable(name, 80)), {},
                "1 to 64 letters, digits, '.', '_', and '-'");
}

void refuse_dangerous(const fs::path& file) {
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) return;
    const AuditReport report = audit(file);
    if (report.verdict != NameVerdict::Dangerous) return;
    throw Error(ErrorCode::InvalidArgument, "repository", "the audit calls the file dangerous, it is not loaded",
                {.file = file.string()}, "yolo info model=FILE audit=True says why");
}

}  // namespace

bool looks_like_model(const fs::path& path) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) return path.filename().string().ends_with("_openvino_model");
    const std::string suffix = path.extension().string();
    return fs::is_regular_file(path, ignored) && (suffix == ".pt" || suffix == ".onnx" || suffix == ".torchscript");
}

std::vector<fs::path> models_in(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        if (looks_like_model(entry->path()) && is_model_name(served_name(entry->path().string())))
            found.push_back(entry->path());
        if (found.size() == kMaxListed) break;
    }
    std::ranges::sort(found);
    return found;
}

Repository::Repository(Generations& generations, Loader loader, std::vector<fs::path> folders, Listener listener)
    : generations_(generations),
      loader_(std::move(loader)),
      folders_(std::move(folders)),
      listener_(std::move(listener)) {}

void Repository::add(const std::string& name, const fs::path& file) {
    if (!is_model_name(name)) refuse_name(name);
    {
        const std::lock_guard lock(mutex_);
        if (entries_.contains(name))
            throw Error(ErrorCode::InvalidArgument, "repository", fmt::format("two models have the name '{}'", name),
                        {.file = file.string()}, "rename one of the files");
    }
    load_entry(name, file, false);
}

std::vector<RepositoryEntry> Repository::index() const {
    std::vector<RepositoryEntry> all;
    std::set<std::string> names;
    {
        const std::lock_guard lock(mutex_);
        for (const std::string& name : order_) {
            const Entry& entry = entries_.at(name);
            const ModelState idle = entry.served ? ModelState::Ready : ModelState::Unavailable;
            all.push_back({name, entry.file.string(), entry.loading && !entry.served ? ModelState::Loading : idle,
                           entry.reason, entry.reloads, entry.failed_reloads});
            names.insert(name);
        }
    }
    for (const fs::path& folder : folders_) {
        for (const fs::path& file : models_in(folder)) {
            std::string name = served_name(file.string());
            if (names.insert(name).second)
                all.push_back({std::move(name), file.string(), ModelState::Unavailable, "not loaded"});
        }
    }
    return all;
}

fs::path Repository::find_file(const std::string& name) const {
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = entries_.find(name); found != entries_.end()) return found->second.file;
    }
    for (const fs::path& folder : folders_) {
        for (const fs::path& file : models_in(folder)) {
            if (served_name(file.string()) == name) return file;
        }
    }
    throw Error(ErrorCode::NotFound, "repository", fmt::format("no model '{}' in the repository", name));
}

void Repository::load(const std::string& name) {
    if (!is_model_name(name)) refuse_name(name);
    load_entry(name, find_file(name), false);
}

void Repository::unload(const std::string& name) {
    if (!is_model_name(name)) refuse_name(name);
    const std::lock_guard one_at_a_time(loading_);
    {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(name);
        if (found == entries_.end() || !found->second.served)
            throw Error(ErrorCode::NotFound, "repository", fmt::format("no model '{}' is served", name));
        found->second.served = false;
        found->second.reason = "unloaded";
    }
    generations_.remove(name);
    if (listener_) listener_({.kind = LoadEvent::Kind::Unloaded, .name = name});
}

std::vector<std::string> Repository::changed() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, entry] : entries_) {
        if (!entry.served) continue;
        const std::string now = file_signature(entry.file);
        if (!now.empty() && now != entry.signature) names.push_back(name);
    }
    return names;
}

std::size_t Repository::reload_changed() {
    std::size_t replaced = 0;
    for (const std::string& name : changed()) {
        try {
            load_entry(name, find_file(name), true);
            ++replaced;
        } catch (const Error&) {
            // The entry and the listener have the reason; the previous generation is served.
        }
    }
    return replaced;
}

std::vector<fs::path> Repository::files() const {
    const std::lock_guard lock(mutex_);
    std::vector<fs::path> all;
    for (const auto& [name, entry] : entries_) {
        if (entry.served) all.push_back(entry.file);
    }
    return all;
}

std::shared_ptr<const Generation> Repository::make(const std::string& name, const fs::path& file, std::uint64_t number,
                                                   std::string& signature) const {
    for (int attempt = 1;; ++attempt) {
        signature = file_signature(file);
        try {
            refuse_dangerous(file);
            auto generation = base::translate(ErrorCode::RuntimeFailure, "repository", "the model cannot be loaded",
                                              [&] { return loader_(name, file.string(), number); });
            // The hash is of what the network was made from only if nobody replaced the file meanwhile.
            if (file_signature(file) == signature) return generation;
        } catch (const Error&) {
            if (file_signature(file) == signature || attempt == kMaxAttempts) throw;
            continue;
        }
        if (attempt == kMaxAttempts)
            throw Error(ErrorCode::IoFailure, "repository", "the file changes while it is being loaded",
                        {.file = file.string()}, "write beside it and rename");
    }
}

void Repository::load_entry(const std::string& name, const fs::path& file, bool only_if_different) {
    const std::lock_guard one_at_a_time(loading_);
    const auto started = std::chrono::steady_clock::now();
    std::uint64_t number = 1;
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        auto [place, is_new] = entries_.try_emplace(name);
        if (is_new) order_.push_back(name);
        Entry& entry = place->second;
        entry.file = file;
        entry.loading = true;
        first = entry.number == 0;
        number = entry.number + 1;
    }
    LoadEvent event{.kind = first ? LoadEvent::Kind::Loaded : LoadEvent::Kind::Reloaded, .name = name};
    std::string signature;
    const auto finish = [&](const auto& change) {
        {
            const std::lock_guard lock(mutex_);
            Entry& entry = entries_.at(name);
            entry.loading = false;
            entry.signature = signature;
            change(entry);
        }
        event.current = generations_.find(name);
        event.load_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
        if (listener_) listener_(event);
    };
    try {
        auto generation = make(name, file, number, signature);
        const auto current = generations_.find(name);
        if (only_if_different && current && current->sha256 == generation->sha256) {
            const std::lock_guard lock(mutex_);
            Entry& entry = entries_.at(name);
            entry.loading = false;
            entry.signature = signature;
            entry.reason.clear();
            return;
        }
        generations_.put(std::move(generation));
        finish([&](Entry& entry) {
            entry.number = number;
            entry.reloads += first ? 0 : 1;
            entry.served = true;
            entry.reason.clear();
        });
    } catch (const Error& error) {
        event.kind = LoadEvent::Kind::Failed;
        event.error = error.what();
        finish([&](Entry& entry) {
            entry.failed_reloads += first ? 0 : 1;
            entry.reason = error.what();
        });
        throw;
    }
}

}  // namespace yolovino::serve
