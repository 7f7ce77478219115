#include "data/net/address_policy.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>

namespace yolovino::data {
namespace {

/// An address from its text.
std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> address(const std::string& text) {
    addrinfo hints = {};
    hints.ai_flags = AI_NUMERICHOST;
    addrinfo* found = nullptr;
    EXPECT_EQ(::getaddrinfo(text.c_str(), nullptr, &hints, &found), 0) << text;
    return {found, &::freeaddrinfo};
}

TEST(IsPrivateAddress, IsTrueForEveryAddressThatIsNotPublic) {
    for (const char* text : {"127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
                             "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1",
                             "fdff::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::127.0.0.1", "2002:7f00:1::"})
        EXPECT_TRUE(is_private_address(*address(text)->ai_addr)) << text;
    for (const char* text : {"1.1.1.1", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.128.0.1", "223.255.255.255",
                             "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:0808:0808::"})
        EXPECT_FALSE(is_private_address(*address(text)->ai_addr)) << text;
}

TEST(IsLocalName, IsTrueForNamesOfTheLocalNetwork) {
    for (const char* name :
         {"camera", "localhost", "Camera.LOCAL", "nas.lan.", "192.168.0.5", "[fe80::1]", "x.home.arpa"})
        EXPECT_TRUE(is_local_name(name)) << name;
    for (const char* name : {"example.com", "local.example.com", "127.0.0.1.nip.io", "lan.de"})
        EXPECT_FALSE(is_local_name(name)) << name;
}

TEST(AddressPolicy, AllowsTheUsersOwnNetwork) {
    AddressPolicy policy("camera.local", false);
    EXPECT_TRUE(policy.allows(*address("192.168.0.5")->ai_addr, 0));
    EXPECT_TRUE(policy.allows(*address("192.168.0.5")->ai_addr, 1)) << "the same machine";
    EXPECT_TRUE(policy.allows(*address("1.1.1.1")->ai_addr, 1));
    EXPECT_FALSE(policy.allows(*address("192.168.0.1")->ai_addr, 1));
    EXPECT_EQ(policy.refused(), "192.168.0.1");
}

TEST(AddressPolicy, RefusesPublicNamesThatLeadToPrivateAddresses) {
    AddressPolicy policy("pictures.example.com", false);
    EXPECT_TRUE(policy.allows(*address("1.1.1.1")->ai_addr, 0));
    EXPECT_FALSE(policy.allows(*address("10.0.0.1")->ai_addr, 0)) << "what DNS answers";
    EXPECT_FALSE(policy.allows(*address("169.254.169.254")->ai_addr, 1));
}

TEST(AddressPolicy, YieldsToAllowPrivateUrls) {
    AddressPolicy open("pictures.example.com", true);
    EXPECT_TRUE(open.allows(*address("10.0.0.1")->ai_addr, 3));
    AddressPolicy proxied("pictures.example.com", false);
    proxied.trust(*address("10.0.0.2")->ai_addr);
    EXPECT_TRUE(proxied.allows(*address("10.0.0.2")->ai_addr, 0));
    EXPECT_FALSE(proxied.allows(*address("10.0.0.3")->ai_addr, 0));
}

}  // namespace
}  // namespace yolovino::data
