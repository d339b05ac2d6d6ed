#include <fairlead/socket_options.hpp>

#include "core/system_error.hpp"

#include <cerrno>
#include <concepts>
#include <iterator>
#include <limits>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>

namespace fairlead {

namespace {

struct option {
    int level;
    int name;
    const char* text;
};

enum option_index {
    nodelay,
    keepalive,
    keepidle,
    keepintvl,
    keepcnt,
    user,
    rcvbuf,
    sndbuf,
    reuseaddr,
    reuseport,
    so_linger
};

constexpr option known[] = {
    {IPPROTO_TCP, TCP_NODELAY, "TCP_NODELAY"},   {SOL_SOCKET, SO_KEEPALIVE, "SO_KEEPALIVE"},
    {IPPROTO_TCP, TCP_KEEPIDLE, "TCP_KEEPIDLE"}, {IPPROTO_TCP, TCP_KEEPINTVL, "TCP_KEEPINTVL"},
    {IPPROTO_TCP, TCP_KEEPCNT, "TCP_KEEPCNT"},   {IPPROTO_TCP, TCP_USER_TIMEOUT, "TCP_USER_TIMEOUT"},
    {SOL_SOCKET, SO_RCVBUF, "SO_RCVBUF"},        {SOL_SOCKET, SO_SNDBUF, "SO_SNDBUF"},
    {SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR"},  {SOL_SOCKET, SO_REUSEPORT, "SO_REUSEPORT"},
    {SOL_SOCKET, SO_LINGER, "SO_LINGER"},
};

// A value of this category is `index * reasons + errno`. An index below `options_known` is that of an option
// that could not be set. One above is `options_known` more than that of an option that could not be read.
constexpr int reasons = 4096;
constexpr int options_known = static_cast<int>(std::size(known));

class option_category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "socket option"; }
    std::string message(int value) const override {
        const int which = value / reasons;
        return std::string{which < options_known ? "cannot set" : "cannot read"} + " the socket option " +
               known[which % options_known].text + ": " + system_code(value % reasons).message();
    }
    boost::system::error_condition default_error_condition(int value) const noexcept override {
        return {value % reasons, boost::system::generic_category()};
    }
};

error_code failure(int which, int reason) noexcept {
    static const option_category category;
    return {which * reasons + reason, category};
}

bool is_tcp(int socket) noexcept {
    int protocol = 0;
    ::socklen_t size = sizeof protocol;
    return ::getsockopt(socket, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 && protocol == IPPROTO_TCP;
}

/// Sets options one after the other, until one is refused.
class setter {
public:
    explicit setter(int socket) noexcept : socket_{socket}, tcp_{is_tcp(socket)} {}

    template <class Value>
    void set(option_index which, const std::optional<Value>& wanted) noexcept {
        if (!wanted || failed_ || (known[which].level == IPPROTO_TCP && !tcp_))
            return;
        const long long value = as_number(*wanted);
        if (value < 0 || value > std::numeric_limits<int>::max()) {
            failed_ = failure(which, EINVAL);
            return;
        }
        const int number = static_cast<int>(value);
        const ::linger lingering{1, number};
        const bool lingers = which == so_linger;
        const void* const data = lingers ? static_cast<const void*>(&lingering) : &number;
        const auto size = static_cast<::socklen_t>(lingers ? sizeof lingering : sizeof number);
        if (::setsockopt(socket_, known[which].level, known[which].name, data, size) != 0)
            failed_ = failure(which, errno);
    }

    result<void> outcome() const { return failed_ ? result<void>{failed_} : result<void>{}; }

private:
    template <std::integral Number>
    static long long as_number(Number value) noexcept {
        return static_cast<long long>(value); // a value that is too large becomes negative
    }
    template <class Rep, class Period>
    static long long as_number(std::chrono::duration<Rep, Period> value) noexcept {
        return value.count();
    }

    int socket_;
    bool tcp_;
    error_code failed_;
};

/// Reads options one after the other, until one is refused.
class getter {
public:
    explicit getter(int socket) noexcept : socket_{socket}, tcp_{is_tcp(socket)} {}

    template <class Value>
    void get(option_index which, std::optional<Value>& found) noexcept {
        int number = 0;
        if (read(which, number))
            found = static_cast<Value>(number);
    }

    void get_linger(std::optional<std::chrono::seconds>& found) noexcept {
        ::linger lingering{};
        if (read(so_linger, lingering) && lingering.l_onoff != 0)
            found = std::chrono::seconds{lingering.l_linger};
    }

    error_code failed() const noexcept { return failed_; }

private:
    template <class Raw>
    bool read(option_index which, Raw& raw) noexcept {
        if (failed_ || (known[which].level == IPPROTO_TCP && !tcp_))
            return false;
        ::socklen_t size = sizeof raw;
        if (::getsockopt(socket_, known[which].level, known[which].name, &raw, &size) != 0)
            failed_ = failure(options_known + which, errno);
        return !failed_;
    }

    int socket_;
    bool tcp_;
    error_code failed_;
};

} // namespace

result<void> set_options(int socket, const socket_options& options) {
    setter making{socket};
    making.set(nodelay, options.no_delay);
    making.set(keepalive, options.keep_alive);
    making.set(keepidle, options.keep_alive_idle);
    making.set(keepintvl, options.keep_alive_interval);
    making.set(keepcnt, options.keep_alive_probes);
    making.set(user, options.user_timeout);
    making.set(rcvbuf, options.receive_buffer);
    making.set(sndbuf, options.send_buffer);
    making.set(reuseaddr, options.reuse_address);
    making.set(reuseport, options.reuse_port);
    making.set(so_linger, options.linger);
    return making.outcome();
}

result<socket_options> get_options(int socket) {
    socket_options found{.no_delay = {}};
    getter reading{socket};
    reading.get(nodelay, found.no_delay);
    reading.get(keepalive, found.keep_alive);
    reading.get(keepidle, found.keep_alive_idle);
    reading.get(keepintvl, found.keep_alive_interval);
    reading.get(keepcnt, found.keep_alive_probes);
    reading.get(user, found.user_timeout);
    reading.get(rcvbuf, found.receive_buffer);
    reading.get(sndbuf, found.send_buffer);
    reading.get(reuseaddr, found.reuse_address);
    reading.get(reuseport, found.reuse_port);
    reading.get_linger(found.linger);
    if (reading.failed())
        return reading.failed();
    return found;
}

} // namespace fairlead
