#pragma once

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace fairlead::test {

/// A Unix socket bound to a path without the library, as other programs do it; its file outlives it.
class unix_listener {
public:
    enum class state { bound, listening, full };

    explicit unix_listener(const std::filesystem::path& path, state wanted = state::bound, int type = SOCK_STREAM)
        : socket_{make(type)} {
        address_.sun_family = AF_UNIX;
        std::strncpy(address_.sun_path, path.c_str(), sizeof address_.sun_path - 1);
        check(::bind(socket_, address(), sizeof address_), "bind");
        if (wanted != state::bound)
            check(::listen(socket_, 0), "listen");
        if (wanted == state::full)
            fill();
    }
    unix_listener(const unix_listener&) = delete;
    unix_listener& operator=(const unix_listener&) = delete;
    ~unix_listener() {
        ::close(waiting_);
        ::close(socket_);
    }

    /// Takes in the first who waits, and lets go of it.
    void accept_one() {
        const int accepted = ::accept(socket_, nullptr, nullptr);
        check(accepted, "accept");
        ::close(accepted);
    }

private:
    static int make(int type) {
        const int made = ::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        check(made, "socket");
        return made;
    }
    static void check(int returned, const char* what) {
        if (returned < 0)
            throw std::system_error{errno, std::generic_category(), what};
    }

    const ::sockaddr* address() const noexcept { return reinterpret_cast<const ::sockaddr*>(&address_); }

    // A backlog of none has room for one.
    void fill() {
        waiting_ = make(SOCK_STREAM);
        check(::connect(waiting_, address(), sizeof address_), "connect");
        const int one_more = make(SOCK_STREAM);
        const bool refused = ::connect(one_more, address(), sizeof address_) != 0 && errno == EAGAIN;
        ::close(one_more);
        if (!refused)
            throw std::logic_error{"the backlog is not full"};
    }

    ::sockaddr_un address_{};
    int socket_;
    int waiting_ = -1;
};

} // namespace fairlead::test
