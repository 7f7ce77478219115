#include "serve/serve.hpp"

extern "C" __attribute__((visibility("default"))) int yolovino_serve(const yolovino::options::Settings& settings,
                                                                     const yolovino::serve::Host& host) {
    return yolovino::serve::serve(settings, host);
}
