#include <iostream>
#include <yolovino/yolovino.hpp>

#include "snippets.hpp"

namespace snippets {

// [docs]
void list_devices() {
    for (const yolovino::DeviceInfo& device : yolovino::available_devices())
        std::cout << device.name << ": " << device.full_name << '\n';
    for (const yolovino::RuntimeInfo& runtime : yolovino::available_runtimes())
        std::cout << runtime.name << ": " << (runtime.missing.empty() ? runtime.version : runtime.missing) << '\n';
}
// [/docs]

}  // namespace snippets
