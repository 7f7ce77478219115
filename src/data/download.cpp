#include "data/download.hpp"

#include "base/module_loader.hpp"

namespace yolovino::data {

void download(const std::string& url, const DownloadLimits& limits, const DownloadSink& sink) {
    static const auto function = reinterpret_cast<DownloadFunction>(base::load_module_symbol("net", "yolovino_download"));
    function(url, limits, sink);
}

}  // namespace yolovino::data
