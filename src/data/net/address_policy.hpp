#pragma once

#include <string>
#include <string_view>
#include <vector>

struct sockaddr;

namespace yolovino::data {

/// Whether an address belongs to this machine, a private network, or a link, or is for no single machine at all.
/// IPv4 in IPv6 counts as the address within. Other families count as private.
bool is_private_address(const sockaddr& address);

/// Whether a name can only mean something near: an IP address, a name without dots, or one of .local, .lan, and the
/// like.
bool is_local_name(std::string_view host);

/// An address as text, `192.168.0.7`.
std::string address_text(const sockaddr& address);

/// Decides where the requests for one URL may connect to.
///
/// Cameras and servers of the user's own network are wanted, so a near host that the user wrote may be contacted. A
/// public name that resolves to a private address, or a redirect to one, is how others make a program ask for them.
class AddressPolicy {
public:
    /// @param host      of the URL as the user wrote it
    /// @param allow_all any address goes
    AddressPolicy(std::string_view host, bool allow_all);

    /// An address that may be contacted whatever it is: that of a proxy which the user set.
    void trust(const sockaddr& address);

    /// Whether the `redirects`-th request after the first may connect. Keeps the private address of the first one: the
    /// same machine may be contacted again.
    bool allows(const sockaddr& address, long redirects);

    /// The last address that was refused; empty if none was.
    const std::string& refused() const noexcept { return refused_; }

private:
    bool near_ = false;
    bool allow_all_ = false;
    std::vector<std::string> allowed_;
    std::string refused_;
};

}  // namespace yolovino::data
