#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "yolovino/error.hpp"

#include "serve/generation.hpp"

namespace yolovino::serve {

enum class ModelState { Ready, Loading, Unavailable };

/// A model as the repository lists it.
struct RepositoryEntry {
    std::string name;
    std::string file;
    ModelState state = ModelState::Unavailable;
    std::string reason;  ///< why it is not available, or why its newest file is not what is served
    std::uint64_t reloads = 0;
    std::uint64_t failed_reloads = 0;
};

/// What became of a model, for the log and the metrics.
struct LoadEvent {
    enum class Kind {
        Loaded,    ///< its first generation is served
        Reloaded,  ///< a new generation is
        Failed,    ///< a new file cannot be served; what was served before is
        Unloaded
    };
    Kind kind = Kind::Loaded;
    std::string name = {};
    std::shared_ptr<const Generation> current = nullptr;  ///< that is served now; null: none
    double load_ms = 0;
    std::string error = {};  ///< of Failed
};

/// The models of a server by name: which file each has, and what became of it. It makes generations beside those that
/// are served, and replaces them when they are ready; a file that cannot be loaded, or that the audit calls dangerous,
/// changes nothing. Thread-safe; one model is loaded at a time.
class Repository {
public:
    using Listener = std::function<void(const LoadEvent&)>;
    /// As load_generation. @throws Error
    using Loader = std::function<std::shared_ptr<const Generation>(const std::string& name, const std::string& file,
                                                                   std::uint64_t number)>;

    /// @param folders where models that are not served yet may be found by their names
    Repository(Generations& generations, Loader loader, std::vector<std::filesystem::path> folders = {},
               Listener listener = nullptr);

    /// Loads the first generation of a model. @throws Error InvalidArgument for a name that is taken or not allowed, or
    /// a dangerous file; as load_generation does
    void add(const std::string& name, const std::filesystem::path& file);

    /// In the order in which they were first named, then what the folders hold.
    std::vector<RepositoryEntry> index() const;

    /// Loads the file of a name, whether or not it has changed. @throws Error NotFound, InvalidArgument; as
    /// load_generation does
    void load(const std::string& name);
    /// Ends a model with its last request. @throws Error NotFound if it is not served
    void unload(const std::string& name);

    /// Loads those whose files have changed since they were looked at last. Returns how many were replaced.
    std::size_t reload_changed();
    /// The names of those that reload_changed would load.
    std::vector<std::string> changed() const;
    /// The files of the models that are served.
    std::vector<std::filesystem::path> files() const;

private:
    struct Entry {
        std::filesystem::path file;
        std::string signature;  ///< of the file that was looked at last
        std::uint64_t number = 0;
        std::uint64_t reloads = 0;
        std::uint64_t failed_reloads = 0;
        std::string reason;
        bool served = false;
        bool loading = false;
    };

    std::filesystem::path find_file(const std::string& name) const;
    void load_entry(const std::string& name, const std::filesystem::path& file, bool only_if_different);
    std::shared_ptr<const Generation> make(const std::string& name, const std::filesystem::path& file,
                                           std::uint64_t number, std::string& signature) const;

    Generations& generations_;
    const Loader loader_;
    const std::vector<std::filesystem::path> folders_;
    const Listener listener_;
    std::mutex loading_;  ///< held while a model is loaded
    mutable std::mutex mutex_;
    std::vector<std::string> order_;
    std::map<std::string, Entry> entries_;
};

/// Whether a file or folder looks like a model that can be loaded.
bool looks_like_model(const std::filesystem::path& path);

/// The models directly in a folder, in the order of their names; empty for everything else, exported folders among it.
std::vector<std::filesystem::path> models_in(const std::filesystem::path& folder);

}  // namespace yolovino::serve
