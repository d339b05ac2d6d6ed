#pragma once

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace fairlead {

/// Work for a shard from any thread, in the order it was put in; unlike the shard's io_context it may be used after the
/// shard is gone.
///
/// Thread safety: `post` from any thread.
class mailbox : public std::enable_shared_from_this<mailbox> {
public:
    explicit mailbox(boost::asio::io_context& context) noexcept : context_{&context} {}

    /// Has the shard run `task`; false when the shard is gone.
    bool post(std::function<void()> task);

    /// Called by the shard before it goes; what is still in the box is dropped.
    void close() noexcept;

private:
    void drain();

    std::mutex mutex_;
    boost::asio::io_context* context_; // null once closed
    std::vector<std::function<void()>> tasks_;
};

} // namespace fairlead
