#pragma once

#include "inproc.hpp"

#include "core/unique_descriptor.hpp"
#include "transport/socket_stream.hpp"

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

/// A shard that serves, and the far ends of its connections, all on one thread.
class inproc_yard {
public:
    inproc_yard(std::size_t connections, const handler& what)
        : far_{connections, [&](int near) { adopt(near, what); }} {
        run();
    }

    far_ends& far() noexcept { return far_; }

    /// Until it is idle.
    void run() { home_.poll(); }

private:
    void adopt(int near, const handler& what) {
        auto transport = socket_stream::make(core_of(home_), unique_descriptor{near}, endpoint{});
        auto peer = session::create(home_, std::move(transport.value()), framing{length_prefixed{}});
        boost::asio::co_spawn(home_.get_executor(), serve(std::move(peer), what), [](std::exception_ptr) {});
    }

    shard home_;
    far_ends far_;
};

} // namespace fairlead::bench
