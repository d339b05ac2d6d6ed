#pragma once

#include "nats/message_origin.hpp"
#include "nats/nats_counters.hpp"
#include "nats/nats_servers.hpp"
#include "nats/nats_settings.hpp"
#include "topics/topic_bridge.hpp"

#include <fairlead/metrics.hpp>
#include <fairlead/nats.hpp>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace fairlead {

class mailbox;
class nats_connection;
class nats_inbox;
class nats_loop;
class nats_requests;

/// Topics over NATS. One thread talks to the broker:
///
///     connecting ──connected──▶ talking ──stop()──▶ finishing ──▶ ended
///        ▲ └──── pause ◀──────────┘ broken
///
/// Thread safety: as `topic_bridge`; the destructor any thread except its own.
class nats_bridge final : public topic_bridge {
public:
    nats_bridge(std::vector<nats_server> servers, const nats_options& options);
    ~nats_bridge() override;

    void count_in(metrics& in) override { counters_ = nats_counters{in}; }
    void start(shard_core& home, receiver& to) override;
    void subscribe(std::string_view topic) override;
    void unsubscribe(std::string_view topic) override;
    result<void> publish(std::string_view topic, bytes_view message) override;
    void stop() noexcept override;

    const nats_counters& counters() const noexcept { return counters_; }

private:
    void run();
    bool connect_and_talk();
    std::shared_ptr<nats_loop> make_loop(const nats_server& server) const;
    void talk(nats_connection& connection);
    void apply_changes(nats_connection& connection, const std::vector<std::string>& changed, bool all);
    void finish(nats_connection& connection);
    void tell_connected(const nats_server& server);
    void tell_away(const std::string& line);

    const nats_options options_;
    nats_server_list servers_;
    nats_settings settings_;
    metrics own_counts_;
    nats_counters counters_{own_counts_};
    const std::shared_ptr<outgoing_numbers> numbers_;
    const std::shared_ptr<nats_requests> requests_;
    shard_core* home_ = nullptr;       // set by `start`, as the next two
    std::shared_ptr<mailbox> mailbox_; // of the shard
    std::shared_ptr<nats_inbox> inbox_;
    enum class presence { starting, connected, away } presence_ = presence::starting;
    std::string told_; // the last line that was logged without a connection
    std::jthread thread_;
};

} // namespace fairlead
