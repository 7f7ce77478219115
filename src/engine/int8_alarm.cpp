#include "engine/int8_alarm.hpp"

#include <algorithm>

#include "yolovino/model.hpp"

#include "base/log.hpp"

namespace yolovino::engine {

void warn_of_drop(const std::filesystem::path& float_model, const std::filesystem::path& int8_model,
                  const ExportArgs& args, ImageSize imgsz) {
    ValArgs val;
    val.data = args.data;
    val.split = args.split;
    val.imgsz = ImageSize{std::max(imgsz.height, imgsz.width), std::max(imgsz.height, imgsz.width)};
    val.batch = args.batch;
    val.rect = false;
    val.runtime = Runtime::OpenVino;
    val.precision = Precision::F32;  // only the 8 bits are to make a difference
    val.save = false;
    val.plots = false;
    val.verbose = false;
    const double wanted = Model(float_model).val(val).map;
    const double got = Model(int8_model).val(val).map;
    const double drop = wanted - got;
    if (drop > *args.max_drop) {
        base::warn("INT8: mAP50-95 falls by {:.4f}, from {:.4f} to {:.4f}: more than max_drop={}", drop, wanted, got,
                   *args.max_drop);
    } else if (args.verbose) {
        base::info("INT8: mAP50-95 {:.4f}, in float {:.4f}, within max_drop={}", got, wanted, *args.max_drop);
    }
}

}  // namespace yolovino::engine
