#include "engine/model/head_choice.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "nets/network.hpp"

namespace yolovino::engine {

namespace {

constexpr int kMostRows = 30'000;  // candidates of Ultralytics' suppression

nets::HeadForm one_to_one(int most, bool agnostic) {
    return {.branch = nets::HeadForm::Branch::OneToOne,
            .rows = nets::HeadForm::Rows::Top,
            .most = std::min(most, kMostRows),
            .agnostic = agnostic};
}

}  // namespace

nets::HeadForm head_of(const nets::HeadInfo& head, const HeadRequest& request) {
    const bool has_boxes = head.one_to_many || head.one_to_one;
    const bool wanted = request.nms == false;
    if (!has_boxes) return {};
    if (wanted && !head.one_to_one) base::warn("This model has no one-to-one head; using one-to-many outputs.");
    if (!wanted && !head.one_to_many)
        base::warn("The one-to-many head was removed by fusion; using the remaining one-to-one head.");
    const bool chosen = head.one_to_one && (wanted || !head.one_to_many);
    return chosen ? one_to_one(request.max_det, request.agnostic) : nets::HeadForm();
}

nets::HeadForm exported_head(const nets::HeadInfo& head, ExportArgs& args) {
    const HeadRequest request{.nms = args.nms, .max_det = args.max_det, .agnostic = args.agnostic_nms};
    if (args.nms != true) return head_of(head, request);
    if (!head.one_to_many && !head.one_to_one) {
        throw Error(ErrorCode::InvalidArgument, "export", "'nms=True' is not valid for classification models", {},
                    "leave nms out");
    }
    if (!head.one_to_many) {
        base::warn("'nms=True' is not available for end2end models. Forcing 'nms=None'.");
        args.nms.reset();
        return head_of(head, request);
    }
    if (args.max_det > kMostRows) {
        throw Error(ErrorCode::InvalidArgument, "export",
                    fmt::format("max_det is {}, wanted 1 to {} with nms=True", args.max_det, kMostRows));
    }
    return {.branch = nets::HeadForm::Branch::OneToMany,
            .rows = nets::HeadForm::Rows::Suppressed,
            .most = args.max_det,
            .conf = static_cast<float>(args.conf),
            .iou = static_cast<float>(args.iou),
            .agnostic = args.agnostic_nms};
}

std::shared_ptr<const LoadedModel> variant_of(const LoadedModel& model, const HeadRequest& request) {
    if (!model.checkpoint) return nullptr;
    const nets::HeadForm form = head_of(nets::read_head(*model.checkpoint), request);
    return form == model.head ? nullptr : model.variant(form);
}

std::shared_ptr<const LoadedModel> with_head(const std::shared_ptr<const LoadedModel>& model,
                                             const HeadRequest& request) {
    const std::shared_ptr<const LoadedModel> variant = variant_of(*model, request);
    return variant ? variant : model;
}

HeadRequest head_request(const PredictArgs& args) {
    constexpr int kLeast = 300;
    return {.nms = args.nms, .max_det = std::max(args.max_det, kLeast), .agnostic = args.agnostic_nms};
}

HeadRequest head_request(const ValArgs& args) {
    return {.nms = args.nms, .max_det = args.max_det, .agnostic = args.agnostic_nms};
}

}  // namespace yolovino::engine
