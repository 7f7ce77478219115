#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "yolovino/predict_args.hpp"
#include "yolovino/results.hpp"

#include "base/file.hpp"
#include "data/frame.hpp"
#include "engine/predict/batch_runner.hpp"
#include "vision/media.hpp"

namespace yolovino::engine {

/// Writes what the save and show options ask for into a run folder.
class ResultSaver {
public:
    static bool is_needed(const PredictArgs& args);

    /// Creates the run folder if anything is written. @throws Error IoFailure
    /// @param mode its name is that of the run folder
    ResultSaver(const PredictArgs& args, const std::string& run_folder, const PredictMode& mode = {});

    const std::filesystem::path& folder() const noexcept { return folder_; }

    /// False if the user closed the window with `q`. @throws Error IoFailure, MissingComponent, RuntimeFailure
    bool save(const Results& results, const data::Frame& frame);
    /// What `visualize` shows of an image, `<name>_cam.jpg`. @throws Error IoFailure
    void save_activation_map(const Image& image, const data::Frame& frame);
    /// Finishes videos. @throws Error IoFailure
    void close();
    /// Logs where the results are.
    void log() const;

private:
    void save_annotated(const Image& image, const data::Frame& frame, const std::string& stem);
    void save_json(const Results& results);
    void close_videos();
    void close_json();
    bool show(const Image& image, const data::Frame& frame);
    std::string stem_of(const data::Frame& frame);

    const PredictArgs args_;
    bool writes_ = false;
    std::filesystem::path folder_;
    base::Leftovers label_leftovers_ = base::Leftovers::Possible;
    std::ofstream json_;
    std::uint64_t json_bytes_ = 0;  ///< of whole lines
    std::size_t labels_ = 0;
    /// Without a `close()` nothing of it stays.
    struct Video {
        std::unique_ptr<base::PendingPath> file;
        std::unique_ptr<vision::VideoWriter> writer;
    };
    std::map<std::size_t, Video> videos_;         ///< by item: one per stream, or the one of the video that runs
    std::map<std::size_t, std::string> stems_;    ///< by item: names of the files of videos and streams
    std::map<std::string, int> activation_maps_;  ///< by name: how many there are
    std::set<std::string> taken_;                 ///< names of this run, so that none is written twice
    bool show_failed_ = false;
};

}  // namespace yolovino::engine
