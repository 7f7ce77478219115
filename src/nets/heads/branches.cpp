#include "nets/heads/branches.hpp"

#include <algorithm>
#include <array>

namespace yolovino::nets {

namespace {

using checkpoint::Module;

// What only training computes with, of the head and of what makes prototypes.
constexpr std::array<std::string_view, 2> kOfTraining = {"flow_model", "cv4_sigma"};
constexpr std::string_view kSemantic = "semseg";

bool uses_one_to_one(const Module& head, const HeadForm& form) {
    const bool has_it = head.child("one2one_cv2") != nullptr;
    return has_it && (form.branch == HeadForm::Branch::OneToOne || head.child("cv2") == nullptr);
}

}  // namespace

std::string part_name(const Module& head, const HeadForm& form, std::string_view part) {
    return std::string(uses_one_to_one(head, form) ? kOneToOne : "").append(part);
}

std::vector<const Module*> unused_parts_of_head(const Module& head, const HeadForm& form) {
    const bool one_to_one = uses_one_to_one(head, form);
    std::vector<const Module*> unused;
    for (const auto& [name, module] : head.children) {
        const bool of_one_to_one = name.starts_with(kOneToOne);
        const std::string_view part = std::string_view(name).substr(of_one_to_one ? kOneToOne.size() : 0);
        const bool has_twin = head.child(std::string(kOneToOne) + name) != nullptr;
        const bool of_training = std::ranges::find(kOfTraining, part) != kOfTraining.end();
        if (of_training || (of_one_to_one && !one_to_one) || (has_twin && one_to_one)) unused.push_back(module.get());
    }
    const Module* prototypes = head.child("proto");
    const Module* semantic = prototypes == nullptr ? nullptr : prototypes->child(kSemantic);
    if (semantic != nullptr) unused.push_back(semantic);
    return unused;
}

}  // namespace yolovino::nets
