#include "data/net/address_policy.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/text.hpp"

namespace yolovino::data {

namespace {

struct Net {
    std::uint32_t prefix;
    int bits;
};
// IANA's registry of special addresses: everything that is not one machine of the public net.
constexpr std::array kPrivate{
    Net{0x00000000, 8},   // this network
    Net{0x0A000000, 8},   // private
    Net{0x64400000, 10},  // shared, carrier NAT
    Net{0x7F000000, 8},   // loopback
    Net{0xA9FE0000, 16},  // link-local; clouds answer with credentials there
    Net{0xAC100000, 12},  // private
    Net{0xC0000000, 24},  // protocol assignments
    Net{0xC0A80000, 16},  // private
    Net{0xC6120000, 15},  // benchmarks
    Net{0xE0000000, 3},   // multicast, reserved, broadcast
};

bool is_private_v4(std::uint32_t address) {
    return std::ranges::any_of(kPrivate,
                               [&](const Net& net) { return (address ^ net.prefix) >> (32 - net.bits) == 0; });
}

std::uint32_t v4_at(const std::uint8_t* bytes) {
    return std::uint32_t{bytes[0]} << 24U | std::uint32_t{bytes[1]} << 16U | std::uint32_t{bytes[2]} << 8U | bytes[3];
}

bool is_private_v6(const std::uint8_t* bytes) {
    const auto starts = [&](std::initializer_list<std::uint8_t> prefix) {
        return std::equal(prefix.begin(), prefix.end(), bytes);
    };
    if (starts({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) return is_private_v4(v4_at(bytes + 12));
    if (starts({0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) return is_private_v4(v4_at(bytes + 12));  // NAT64
    if (starts({0x20, 0x02})) return is_private_v4(v4_at(bytes + 2));                                       // 6to4
    // Only 2000::/3 is public: neither ::1, nor fc00::/7, fe80::/10, and ff00::/8.
    return (bytes[0] & 0xE0U) != 0x20;
}

}  // namespace

bool is_private_address(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in v4 = {};
        std::memcpy(&v4, &address, sizeof v4);
        return is_private_v4(ntohl(v4.sin_addr.s_addr));
    }
    if (address.sa_family != AF_INET6) return true;
    sockaddr_in6 v6 = {};
    std::memcpy(&v6, &address, sizeof v6);
    return is_private_v6(v6.sin6_addr.s6_addr);
}

std::string address_text(const sockaddr& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.sa_family == AF_INET) {
        sockaddr_in v4 = {};
        std::memcpy(&v4, &address, sizeof v4);
        ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    } else if (address.sa_family == AF_INET6) {
        sockaddr_in6 v6 = {};
        std::memcpy(&v6, &address, sizeof v6);
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    }
    return text.data();
}

bool is_local_name(std::string_view host) {
    std::string name = base::to_lower(host);
    if (name.starts_with('[')) return true;
    if (name.ends_with('.')) name.pop_back();
    in_addr v4 = {};
    if (::inet_pton(AF_INET, name.c_str(), &v4) == 1) return true;
    constexpr std::array<std::string_view, 7> kEnds{".local", ".localhost", ".localdomain", ".lan",
                                                    ".home",  ".internal",  ".home.arpa"};
    return name.find('.') == std::string::npos ||
           std::ranges::any_of(kEnds, [&](std::string_view end) { return name.ends_with(end); });
}

AddressPolicy::AddressPolicy(std::string_view host, bool allow_all)
    : near_(is_local_name(host)), allow_all_(allow_all) {}

void AddressPolicy::trust(const sockaddr& address) {
    allowed_.push_back(address_text(address));
}

bool AddressPolicy::allows(const sockaddr& address, long redirects) {
    if (allow_all_ || !is_private_address(address)) return true;
    std::string text = address_text(address);
    if (std::ranges::find(allowed_, text) != allowed_.end()) return true;
    if (near_ && redirects == 0) {
        allowed_.push_back(std::move(text));
        return true;
    }
    refused_ = std::move(text);
    return false;
}

}  // namespace yolovino::data
