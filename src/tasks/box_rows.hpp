#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tasks/task.hpp"

/// What tasks share whose first output is `[N, rows, anchors]`: rows cx, cy, w, h, the class scores, and what the task
/// adds; or finished rows, see tasks/finished_rows.hpp.
namespace yolovino::tasks {

inline constexpr std::size_t kBoxRows = 4;

/// What such a task wants of a network.
struct BoxRows {
    std::size_t added = 0;    ///< rows after the class scores
    std::size_t outputs = 1;  ///< of the network
    std::string_view text;    ///< the first output, as messages call it
    std::string_view hint;    ///< which network this is not
};

/// Refuses a network without one input of images, with another number of outputs, or whose first output has no row for
/// a class. @throws Error ShapeMismatch
void check_box_rows(const tensors::Signature& signature, const BoxRows& wanted, const NetworkForm& form,
                    std::string_view area, const std::string& file);

/// Whether the first output has this many images and classes. Finished rows say nothing of the classes.
bool has_box_rows(const tensors::Outputs& outputs, std::size_t images, ClassRange classes, std::size_t added,
                  const NetworkForm& form);

/// How messages call the rows that the first output should have: `4 + classes`, `84`, `4 + classes + 32`.
std::string box_rows_text(ClassRange classes, std::size_t added);

/// Number of classes by the first output; 0 if unknown.
int classes_by_rows(const tensors::Signature& signature, std::size_t added, const NetworkForm& form);

}  // namespace yolovino::tasks
