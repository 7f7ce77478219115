#include "options/settings.hpp"

namespace yolovino::options {

Settings default_settings() {
    Settings settings;
    settings.predict.save = true;
    settings.track.predict.save = true;
    return settings;
}

}  // namespace yolovino::options
