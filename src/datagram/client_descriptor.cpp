#include "datagram/client_descriptor.hpp"

#include "core/system_error.hpp"

#include <cerrno>
#include <sys/socket.h>

namespace fairlead {

client_descriptor::~client_descriptor() {
    if (readable_)
        shard_.unwatch(descriptor_.get(), *this);
}

error_code client_descriptor::watch(event& readable) {
    const error_code failed = shard_.watch(descriptor_.get(), *this, interest::read);
    if (!failed)
        readable_ = &readable;
    return failed;
}

error_code client_descriptor::send(bytes_view message) noexcept {
    for (;;) {
        if (::send(descriptor_.get(), message.data(), message.size(), MSG_NOSIGNAL) >= 0)
            return {};
        if (errno != EINTR)
            return last_system_error();
    }
}

result<std::size_t> client_descriptor::receive(std::span<unsigned char> room) noexcept {
    for (;;) {
        const ::ssize_t got = ::recv(descriptor_.get(), room.data(), room.size(), MSG_TRUNC);
        if (got >= 0)
            return static_cast<std::size_t>(got);
        if (errno == EAGAIN)
            return errc::would_block;
        if (errno != EINTR)
            return last_system_error();
    }
}

} // namespace fairlead
