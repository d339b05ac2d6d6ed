#include "nats/nats_bridge.hpp"

#include "core/random_seed.hpp"
#include "core/start_thread.hpp"
#include "log/log.hpp"
#include "nats/nats_connection.hpp"
#include "nats/nats_inbox.hpp"
#include "nats/nats_requests.hpp"
#include "nats/nats_subject.hpp"
#include "runtime/shard_core.hpp"

#include <chrono>
#include <deque>
#include <exception>
#include <limits>
#include <utility>

namespace fairlead {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds time_to_finish{500};

enum class sent_all { yes, no };

// Publishes the messages and removes them. If the connection breaks, the rest stays in `messages`.
sent_all send(nats_connection& connection, std::deque<nats_outgoing>& messages, nats_counters& counters) {
    for (; !messages.empty(); messages.pop_front()) {
        switch (connection.publish(messages.front())) {
        case nats_connection::outcome::sent: counters.sent.add(); break;
        case nats_connection::outcome::refused: counters.unsent.add(); break;
        case nats_connection::outcome::broken: return sent_all::no;
        }
    }
    return sent_all::yes;
}

} // namespace

std::shared_ptr<topic_bridge> nats(std::string_view url, const nats_options& options) {
    return std::make_shared<nats_bridge>(parse_nats_servers(url), options);
}

nats_bridge::nats_bridge(std::vector<nats_server> servers, const nats_options& options)
    : options_{options}, servers_{servers, random_seed() % servers.size()}, settings_{options},
      numbers_{std::make_shared<outgoing_numbers>(random_seed())}, requests_{std::make_shared<nats_requests>(
                                                                       options.max_outgoing, numbers_, counters_)} {
    check_subject_prefix(options.subject_prefix);
    validate(options);
    if (uses_tls(servers.front(), options))
        static_cast<void>(settings_.find(servers.front(), clock::now())); // reads the certificates
}

nats_bridge::~nats_bridge() {
    stop();
    if (thread_.joinable())
        thread_.join();
}

void nats_bridge::start(shard_core& home, receiver& to) {
    home_ = &home;
    mailbox_ = home.inbox();
    inbox_ = std::make_shared<nats_inbox>(mailbox_, to, options_.max_incoming, numbers_, counters_);
    thread_ = start_thread("for NATS", [this] { run(); });
}

void nats_bridge::subscribe(std::string_view topic) {
    if (topic.size() > max_topic_name) {
        log_warning("NATS: a topic with a name of " + std::to_string(topic.size()) +
                    " bytes is not shared with other processes; 1,024 bytes are the most");
        return;
    }
    inbox_->open(std::string{topic});
    requests_->subscribe(topic);
}

void nats_bridge::unsubscribe(std::string_view topic) {
    inbox_->close(std::string{topic});
    requests_->unsubscribe(topic);
}

result<void> nats_bridge::publish(std::string_view topic, bytes_view message) {
    return requests_->publish(topic, message);
}

void nats_bridge::stop() noexcept {
    if (inbox_)
        inbox_->stop();
    requests_->stop();
}

void nats_bridge::run() {
    reconnect_backoff backoff{options_.reconnect, random_seed()};
    while (!requests_->stopping()) {
        const auto begin = clock::now();
        if (connect_and_talk()) {
            backoff.connected(begin);
            backoff.ended(clock::now());
        }
        if (!requests_->pause(backoff.next()))
            break;
    }
    const auto left = requests_->take_messages(std::numeric_limits<std::size_t>::max()).size();
    counters_.unsent.add(left);
    if (left > 0)
        log_warning("NATS: stopped with " + std::to_string(left) + " messages that were not sent");
    counters_.connected.set(0);
    nats_ReleaseThreadMemory();
}

// Returns true if there was a connection.
bool nats_bridge::connect_and_talk() {
    const nats_server server = servers_.next();
    try {
        nats_connection connection{settings_.find(server, clock::now()), options_.subject_prefix, make_loop(server),
                                   inbox_, requests_};
        tell_connected(server);
        requests_->set_max_message(connection.max_message());
        talk(connection);
        for (const std::string& each : connection.announced_servers()) // those known at its end
            servers_.add(each);
        if (connection.is_open())
            finish(connection);
        else
            tell_away("NATS: the connection to " + server.address + " is lost: " + connection.why_closed());
        return true;
    } catch (const std::exception& failed) {
        tell_away("NATS: no connection to " + server.address + ": " + failed.what());
        return false;
    }
}

// Returns null for TLS: nats.c would block the shard inside of a record.
std::shared_ptr<nats_loop> nats_bridge::make_loop(const nats_server& server) const {
    if (uses_tls(server, options_))
        return nullptr;
    return std::make_shared<nats_loop>(*home_, mailbox_, [requests = requests_] { requests->tell_room(); });
}

void nats_bridge::talk(nats_connection& connection) {
    connection.subscribe_only(requests_->wanted());
    while (connection.is_open() && !requests_->stopping()) {
        using wait_for = nats_requests::wait_for;
        nats_requests::work next = requests_->take(connection.is_full() ? wait_for::room : wait_for::messages);
        apply_changes(connection, next.changed, next.all_changed);
        if (send(connection, next.messages, counters_) == sent_all::no)
            requests_->put_back(std::move(next.messages));
    }
}

void nats_bridge::apply_changes(nats_connection& connection, const std::vector<std::string>& changed, bool all) {
    if (all)
        return connection.subscribe_only(requests_->wanted());
    for (const std::string& each : changed) {
        if (requests_->wants(each))
            connection.subscribe(each);
        else
            connection.unsubscribe(each);
    }
}

void nats_bridge::finish(nats_connection& connection) {
    auto rest = requests_->take_messages(std::numeric_limits<std::size_t>::max());
    static_cast<void>(send(connection, rest, counters_));
    counters_.unsent.add(rest.size());
    connection.finish(clock::now() + time_to_finish);
}

void nats_bridge::tell_connected(const nats_server& server) {
    counters_.connections.add();
    counters_.connected.set(1);
    if (presence_ == presence::away) {
        inbox_->was_away();
        log_info("NATS: connected to " + server.address + "; messages of the time before may be missing");
    } else {
        log_info("NATS: connected to " + server.address);
    }
    presence_ = presence::connected;
    told_.clear();
}

// Does not log the same line twice in a row.
void nats_bridge::tell_away(const std::string& line) {
    presence_ = presence::away;
    counters_.connected.set(0);
    if (told_ == line || requests_->stopping())
        return;
    told_ = line;
    log_warning(line + "; trying again");
}

} // namespace fairlead
