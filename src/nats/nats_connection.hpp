#pragma once

#include "nats/nats_inbox.hpp"
#include "nats/nats_loop.hpp"
#include "nats/nats_requests.hpp"

#include <chrono>
#include <cstddef>
#include <future>
#include <map>
#include <memory>
#include <nats/nats.h>
#include <string>
#include <vector>

namespace fairlead {

/// One connection to a broker. It ends when it breaks, and does not reconnect.
///
/// Thread safety: one thread, except for its callbacks.
class nats_connection {
public:
    /// Connects, and waits for the connection. Without a loop, nats.c waits for the socket on a thread of its own.
    /// Errors: throws std::runtime_error with the text of nats.c.
    nats_connection(natsOptions* options, std::string prefix, std::shared_ptr<nats_loop> loop,
                    std::shared_ptr<nats_inbox> inbox, std::shared_ptr<nats_requests> requests);
    nats_connection(const nats_connection&) = delete;
    nats_connection& operator=(const nats_connection&) = delete;
    ~nats_connection();

    bool is_open() const;

    void subscribe(const std::string& topic);
    void unsubscribe(const std::string& topic);
    void subscribe_only(const std::vector<std::string>& topics); ///< `topics` are sorted

    enum class outcome { sent, refused, broken };
    outcome publish(const nats_outgoing& message);

    /// Returns true if so many bytes wait for the socket that no more should be published.
    bool is_full() const;

    std::size_t max_message() const;
    std::vector<std::string> announced_servers() const;
    std::string why_closed() const;

    /// Sends the waiting bytes and ends the stream, until the deadline at the latest.
    void finish(std::chrono::steady_clock::time_point deadline);

private:
    struct subscription_deleter {
        void operator()(natsSubscription* subscription) const noexcept { natsSubscription_Destroy(subscription); }
    };
    using subscription = std::unique_ptr<natsSubscription, subscription_deleter>;

    std::string subject(const std::string& topic) const;

    const std::string prefix_;
    const std::shared_ptr<nats_inbox> inbox_;
    const std::shared_ptr<nats_loop> loop_; // may be none
    std::future<void> closed_;
    natsConnection* connection_ = nullptr;
    bool has_headers_ = false;
    std::map<std::string, subscription> subscriptions_;
};

} // namespace fairlead
