#include "engine/export/int8_alarm.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include "base/log.hpp"
#include "engine/model/loaded_model.hpp"
#include "engine/validate/run.hpp"

namespace yolovino::engine {

void warn_of_drop(const std::filesystem::path& float_model, const std::filesystem::path& int8_model,
                  const ExportArgs& args, ImageSize imgsz) {
    ValArgs val;
    val.data = args.data;
    val.split = args.split;
    val.imgsz = ImageSize{std::max(imgsz.height, imgsz.width), std::max(imgsz.height, imgsz.width)};
    val.batch = args.batch;
    if (args.nms == false) val.nms = false;
    val.rect = false;
    val.runtime.kind = Runtime::OpenVino;
    val.runtime.precision = Precision::F32;  // only the 8 bits are to make a difference
    val.save = false;
    val.plots = false;
    val.verbose = false;
    const std::shared_ptr<const LoadedModel> model = open_model(float_model);
    const std::string metric(model->task->traits().metric);
    const double wanted = validate(*model, val)["metrics/" + metric];
    const double got = validate(*open_model(int8_model), val)["metrics/" + metric];
    const double drop = wanted - got;
    if (drop > *args.max_drop) {
        base::warn("INT8: {} falls by {:.4f}, from {:.4f} to {:.4f}: more than max_drop={}", metric, drop, wanted, got,
                   *args.max_drop);
    } else if (args.verbose) {
        base::info("INT8: {} {:.4f}, in float {:.4f}, within max_drop={}", metric, got, wanted, *args.max_drop);
    }
}

}  // namespace yolovino::engine
