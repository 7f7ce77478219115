#include "cli/audit_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "cli/text.hpp"

namespace yolovino::cli {

namespace {

/// A word of the file, as much of it as a table holds.
std::string word(const std::string& text) {
    constexpr std::size_t kMaxBytes = 200;
    return text.size() <= kMaxBytes ? safe(text) : safe(text.substr(0, kMaxBytes)) + "...";
}

std::string place(const std::string& entry, std::uint64_t offset) {
    return entry.empty() ? fmt::format("0x{:x}", offset) : fmt::format("{} 0x{:x}", word(entry), offset);
}

std::string names(const AuditReport& report) {
    std::string text = fmt::format("names ({})\n", report.names.size());
    for (const AuditedName& each : report.names) {
        text +=
            fmt::format("  {:<10}{}.{}  ({}, {}x){}{}\n", to_string(each.verdict), word(each.module), safe(each.name),
                        place(each.entry, each.offset_bytes), each.uses, each.reason.empty() ? "" : ": ", each.reason);
    }
    return text;
}

std::string anomalies(const AuditReport& report) {
    std::string text = fmt::format("anomalies ({})\n", report.anomalies.size());
    for (const AuditAnomaly& each : report.anomalies) {
        std::string where;
        if (each.offset_bytes) {
            where = " (" + place(each.entry, *each.offset_bytes) + ")";
        } else if (!each.entry.empty()) {
            where = " (" + safe(each.entry) + ")";
        }
        const std::string_view meaning = each.dangerous       ? ": dangerous"
                                         : each.hides_content ? ": may hide content"
                                                              : "";
        text += fmt::format("  {}{}{}\n", safe(each.text), where, meaning);
    }
    return text;
}

std::string tensors(const AuditReport& report) {
    std::string text = fmt::format("tensors ({})\n", report.tensors.size());
    for (const AuditedTensor& each : report.tensors) {
        text += fmt::format("  {:<10}{:<22}storage {:<6}{}\n", safe(each.dtype),
                            fmt::format("[{}]", fmt::join(each.shape, ", ")), safe(each.storage), safe(each.path));
    }
    return text;
}

std::string entries(const AuditReport& report) {
    std::string text = fmt::format("entries ({})\n", report.entries.size());
    for (const AuditedEntry& each : report.entries) {
        text += fmt::format("  {:>12}  {}  {}{}\n", grouped(each.size_bytes),
                            each.sha256.empty() ? "not read" : each.sha256, safe(each.name),
                            each.in_directory ? "" : " (not in the directory)");
    }
    return text;
}

}  // namespace

std::string audit_page(const AuditReport& report) {
    std::string text;
    const auto line = [&](std::string_view key, const std::string& value) {
        text += fmt::format("{:<15}{}\n", key, safe(value));
    };
    line("path", report.path.string());
    line("size", grouped(report.size_bytes) + " bytes");
    line("sha256", report.sha256);
    line("container", report.container);
    line("checkpoint", report.refusal.empty() ? "readable" : "refused: " + report.refusal);
    text += names(report) + anomalies(report) + tensors(report) + entries(report);
    line("verdict", fmt::format("{}{}", to_string(report.verdict),
                                report.followed() ? "" : ", part of the file cannot be followed"));
    return text;
}

std::string audit_json(const AuditReport& report) {
    nlohmann::ordered_json out;
    out["path"] = report.path.string();
    out["size"] = report.size_bytes;
    out["sha256"] = report.sha256;
    out["container"] = report.container;
    out["verdict"] = to_string(report.verdict);
    out["followed"] = report.followed();
    out["readable"] = report.refusal.empty();
    out["refusal"] = report.refusal;
    out["names"] = nlohmann::ordered_json::array();
    for (const AuditedName& each : report.names) {
        out["names"].push_back({{"module", each.module},
                                {"name", each.name},
                                {"verdict", to_string(each.verdict)},
                                {"reason", each.reason},
                                {"entry", each.entry},
                                {"offset", each.offset_bytes},
                                {"uses", each.uses}});
    }
    out["anomalies"] = nlohmann::ordered_json::array();
    for (const AuditAnomaly& each : report.anomalies) {
        nlohmann::ordered_json row{{"text", each.text}, {"entry", each.entry}, {"offset", nullptr}};
        if (each.offset_bytes) row["offset"] = *each.offset_bytes;
        row["hides_content"] = each.hides_content;
        row["dangerous"] = each.dangerous;
        out["anomalies"].push_back(row);
    }
    out["tensors"] = nlohmann::ordered_json::array();
    for (const AuditedTensor& each : report.tensors) {
        out["tensors"].push_back({{"path", each.path},
                                  {"dtype", each.dtype},
                                  {"shape", each.shape},
                                  {"strides", each.strides},
                                  {"offset", each.offset},
                                  {"storage", each.storage},
                                  {"location", each.location}});
    }
    out["entries"] = nlohmann::ordered_json::array();
    for (const AuditedEntry& each : report.entries) {
        out["entries"].push_back({{"name", each.name},
                                  {"offset", each.offset_bytes},
                                  {"stored", each.stored_bytes},
                                  {"size", each.size_bytes},
                                  {"method", each.method},
                                  {"in_directory", each.in_directory},
                                  {"sha256", each.sha256}});
    }
    constexpr int kIndent = 2;
    // ASCII only: a terminal must not obey what the file contains.
    return out.dump(kIndent, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace yolovino::cli
