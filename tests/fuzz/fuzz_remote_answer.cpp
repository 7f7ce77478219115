#include <array>
#include <string>
#include <string_view>

#include "yolovino/error.hpp"

#include "fuzz/input.hpp"
#include "runtime/remote/messages.hpp"

/// What a server answers: the first line is the header with the length of the JSON (empty: none), the rest the body. It
/// is read as each kind of answer; outputs that are taken have as many values as their shapes say.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace yolovino;
    using fuzz::expect;
    const std::string_view text = fuzz::text_of(data, size);
    const std::size_t line = text.find('\n');
    if (line == std::string_view::npos) return 0;
    const runtime::RemoteAnswer answer{.status = 200,
                                       .header_length = std::string(text.substr(0, line)),
                                       .retry_after = {},
                                       .body = std::string(text.substr(line + 1))};
    const std::array<std::string, 2> names = {"output0", "output1"};
    const auto try_to = [](const auto& read) {
        try {
            read();
        } catch (const Error& error) {
            expect(error.code() == ErrorCode::NetworkFailure || error.code() == ErrorCode::LimitExceeded,
                   "a refusal blames the server");
        }
    };
    for (const std::size_t count : {std::size_t{1}, names.size()}) {
        try_to([&] {
            for (const runtime::RemoteOutput& output :
                 runtime::read_answer(answer, std::span(names).first(count), "http://host/m")) {
                std::size_t values = 1;
                for (const std::int64_t dimension : output.shape) values *= static_cast<std::size_t>(dimension);
                expect(values == output.values.size(), "an output has the values of its shape");
            }
        });
    }
    try_to([&] { static_cast<void>(runtime::read_description(answer.body, "http://host/m")); });
    try_to([&] { static_cast<void>(runtime::read_config_metadata(answer.body, "http://host/m")); });
    expect(runtime::read_error(answer.body).size() <= 2000, "an error is one line");
    return 0;
}
