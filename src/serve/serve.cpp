#include "serve/serve.hpp"

#include "yolovino/error.hpp"

namespace yolovino::serve {

int serve(const options::Settings& settings, const Host& host) {
    static_cast<void>(settings);
    static_cast<void>(host);
    throw Error(ErrorCode::MissingComponent, "serve", "the server is not complete");
}

}  // namespace yolovino::serve
