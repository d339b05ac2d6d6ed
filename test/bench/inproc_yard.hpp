#pragma once

#include "base/unique_descriptor.hpp"
#include "server/listen_socket.hpp"
#include "stream/socket_stream.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/session.hpp>

#include <boost/asio/co_spawn.hpp>

#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace fairlead::bench {

inline void require(bool held, const char* what) {
    if (!held)
        throw std::runtime_error{what};
}

inline boost::asio::awaitable<void> serve(std::shared_ptr<session> peer, handler what) {
    co_await what.serve(*peer);
}

/// A shard that serves, and the far ends of its connections, all on one thread: the far ends send; the shard runs until
/// it is idle, which is what is timed; the far ends collect the replies. No second core, no waking up.
class inproc_yard {
public:
    inproc_yard(std::size_t connections, const handler& what) {
        const auto listeners = open_listen_sockets(url::parse("tcp://127.0.0.1:0"), 0600);
        const listen_socket& listener = listeners.front();
        for (std::size_t i = 0; i < connections; ++i) {
            unique_descriptor far{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
            require(::connect(far.get(), listener.local.data(), static_cast<::socklen_t>(listener.local.size())) == 0,
                    "cannot connect");
            unique_descriptor near{::accept4(listener.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
            auto transport = socket_stream::make(home_, std::move(near), endpoint{});
            auto peer = std::make_shared<session>(home_, std::move(transport.value()), framing{length_prefixed{}});
            boost::asio::co_spawn(home_.executor(), serve(std::move(peer), what), [](std::exception_ptr) {});
            far_.push_back(std::move(far));
        }
        run();
    }

    void send(const std::string& burst) {
        for (const auto& far : far_)
            require(::send(far.get(), burst.data(), burst.size(), 0) == static_cast<ssize_t>(burst.size()), "send");
    }

    void run() { home_.poll(); }

    void collect(const std::string& expected) {
        std::string reply(expected.size(), '\0');
        for (const auto& far : far_) {
            require(::recv(far.get(), reply.data(), reply.size(), MSG_WAITALL) == static_cast<ssize_t>(reply.size()),
                    "a reply is missing");
            require(reply == expected, "a reply is wrong");
        }
    }

private:
    shard home_;
    std::vector<unique_descriptor> far_;
};

inline std::string make_burst(std::size_t messages, std::size_t size, char filler = 'x') {
    length_prefixed rules;
    byte_buffer bytes;
    for (std::size_t i = 0; i < messages; ++i)
        require(rules.encode(std::string(size, filler), bytes).has_value(), "encode");
    return to_string(bytes.data());
}

} // namespace fairlead::bench
