#include "admin/host_check.hpp"

#include <algorithm>
#include <arpa/inet.h>

namespace fairlead {

namespace {

bool is_address(int family, std::string_view text) {
    ::in6_addr parsed{};
    return ::inet_pton(family, std::string{text}.c_str(), &parsed) == 1;
}

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same_name(std::string_view one, std::string_view other) {
    return std::ranges::equal(one, other, {}, lower, lower);
}

} // namespace

bool is_own_host(std::string_view host, const std::vector<std::string>& names) {
    if (host.starts_with('[')) {
        const auto end = host.find(']');
        return end != std::string_view::npos && is_address(AF_INET6, host.substr(1, end - 1));
    }
    const std::string_view name = host.substr(0, host.find(':'));
    return is_address(AF_INET, name) || same_name(name, "localhost") ||
           std::ranges::any_of(names, [name](const std::string& each) { return same_name(name, each); });
}

} // namespace fairlead
