#include "documents/list.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/fail.hpp"
#include "documents/text.hpp"

namespace yolovino::documents {

namespace {

std::string_view readable(std::string_view text, const Origin& origin) {
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
        throw Error(ErrorCode::CorruptFile, origin.area, utf8_problem(text), {.file = origin.file});
    return without_byte_order_mark(text);
}

/// The rows of a CSV text; a field in quotes goes on in the next line, whose break is left out, as where Python's
/// reader is given the lines of a text.
class Rows {
public:
    explicit Rows(std::string_view text) : lines_(text) {}

    std::size_t number() const { return number_; }

    bool next(std::vector<std::string>& cells) {
        cells.clear();
        std::string_view line;
        if (!lines_.next(line)) return false;
        number_ = lines_.number();
        if (line.empty()) return true;
        cells.emplace_back();
        state_ = State::Begin;
        do {
            for (const char c : line) take(c, cells);
        } while (state_ == State::Quoted && lines_.next(line));
        return true;
    }

private:
    enum class State { Begin, Bare, Quoted, QuoteInQuotes };

    void take(char c, std::vector<std::string>& cells) {
        if (state_ == State::Quoted) {
            if (c == '"') {
                state_ = State::QuoteInQuotes;
            } else {
                cells.back() += c;
            }
        } else if (c == ',') {
            cells.emplace_back();
            state_ = State::Begin;
        } else if (c == '"' && state_ == State::Begin) {
            state_ = State::Quoted;
        } else if (c == '"' && state_ == State::QuoteInQuotes) {
            cells.back() += c;
            state_ = State::Quoted;
        } else {
            cells.back() += c;
            state_ = State::Bare;
        }
    }

    Lines lines_;
    State state_ = State::Begin;
    std::size_t number_ = 0;
};

void add(std::string_view text, std::size_t line, std::vector<ListEntry>& entries) {
    text = strip(text);
    if (!text.empty()) entries.push_back({std::string(text), line});
}

}  // namespace

std::vector<ListEntry> read_list(std::string_view text, const Origin& origin) {
    std::vector<ListEntry> entries;
    Lines lines(readable(text, origin));
    for (std::string_view line; lines.next(line);) add(line, lines.number(), entries);
    return entries;
}

std::vector<ListEntry> read_csv(std::string_view text, const Origin& origin) {
    std::vector<ListEntry> entries;
    Rows rows(readable(text, origin));
    std::vector<std::string> cells;
    std::optional<std::size_t> column;
    bool first = true;
    while (rows.next(cells)) {
        if (std::exchange(first, false)) {
            if (const auto named = std::ranges::find(cells, "source"); named != cells.end()) {
                column = static_cast<std::size_t>(named - cells.begin());
                continue;
            }
        }
        if (!column) {
            for (const std::string& cell : cells) add(cell, rows.number(), entries);
        } else if (*column < cells.size()) {
            add(cells[*column], rows.number(), entries);
        }
    }
    return entries;
}

}  // namespace yolovino::documents
