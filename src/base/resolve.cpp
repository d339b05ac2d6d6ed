#include "base/resolve.hpp"

#include "base/system_error.hpp"

#include <memory>
#include <netdb.h>
#include <sys/socket.h>

namespace fairlead {

namespace {

class resolver_category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "getaddrinfo"; }
    std::string message(int value) const override { return ::gai_strerror(value); }
};

} // namespace

result<std::vector<endpoint>> resolve(const url& where, resolve_for purpose) {
    static const resolver_category category;
    ::addrinfo hints{};
    hints.ai_flags = AI_NUMERICSERV | (purpose == resolve_for::listening ? AI_PASSIVE : 0);
    hints.ai_socktype = SOCK_STREAM;
    ::addrinfo* found = nullptr;
    const int failed = ::getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &found);
    if (failed == EAI_SYSTEM)
        return last_system_error();
    if (failed != 0)
        return error_code{failed, category};

    const std::unique_ptr<::addrinfo, decltype(&::freeaddrinfo)> owner{found, &::freeaddrinfo};
    std::vector<endpoint> addresses;
    for (const ::addrinfo* each = found; each; each = each->ai_next)
        addresses.emplace_back(each->ai_addr, each->ai_addrlen);
    return addresses;
}

result<endpoint> local_endpoint(int socket) {
    ::sockaddr_storage address{};
    ::socklen_t size = sizeof address;
    if (::getsockname(socket, reinterpret_cast<::sockaddr*>(&address), &size) != 0)
        return last_system_error();
    return endpoint{reinterpret_cast<const ::sockaddr*>(&address), size};
}

} // namespace fairlead
