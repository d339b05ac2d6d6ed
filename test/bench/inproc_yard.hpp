#pragma once

#include "inproc.hpp"

#include "core/unique_descriptor.hpp"
#include "session/session_impl.hpp"
#include "transport/socket_stream.hpp"
#include "websocket/websocket_channel.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/session.hpp>

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace fairlead::bench {

inline boost::asio::awaitable<void> serve(std::shared_ptr<session> peer, handler what) {
    co_await what.serve(*peer);
}

/// How messages are divided.
enum class inproc_framing { length, websocket_binary, websocket_text };

/// A shard that serves, and the far ends of its connections, all on one thread.
class inproc_yard {
public:
    inproc_yard(std::size_t connections, const handler& what, inproc_framing by = inproc_framing::length)
        : by_{by}, far_{connections, [&](int near) { adopt(near, what); }} {
        run();
    }

    far_ends& far() noexcept { return far_; }

    /// Until it is idle.
    void run() { home_.poll(); }

private:
    void adopt(int near, const handler& what) {
        auto transport = socket_stream::make(core_of(home_), unique_descriptor{near}, endpoint{});
        boost::asio::co_spawn(home_.get_executor(), serve(open(std::move(transport.value())), what),
                              [](std::exception_ptr) {});
    }

    std::shared_ptr<session> open(std::unique_ptr<stream> transport) {
        if (by_ == inproc_framing::length)
            return session::create(home_, std::move(transport), framing{length_prefixed{}});
        const websocket_rules rules{.messages = by_ == inproc_framing::websocket_text ? websocket_messages::text
                                                                                      : websocket_messages::binary};
        auto messages = std::make_unique<websocket_channel>(std::move(transport), rules, websocket_info{},
                                                            core_of(home_).blocks(), bytes_view{});
        return make_session(core_of(home_), std::move(messages), std::make_shared<const limits>());
    }

    inproc_framing by_;
    shard home_;
    far_ends far_;
};

} // namespace fairlead::bench
