#include <fairlead/server.hpp>

#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "runtime/shard_core.hpp"
#include "server/acceptor.hpp"
#include "server/admission.hpp"
#include "server/descriptor_limit.hpp"
#include "server/graceful_shutdown.hpp"
#include "server/listen_checks.hpp"
#include "server/listen_socket.hpp"
#include "server/udp_listen_socket.hpp"
#include "server/watchdog.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <utility>
#include <vector>

namespace fairlead {

namespace {

// How long after its deadline a stop may take before the process is ended.
constexpr std::chrono::milliseconds patience{800};

// What handshakes get that had begun when the stop did: enough for peers near by, and for a busy machine's own.
constexpr std::chrono::milliseconds handshake_time{20};

} // namespace

/// Lives on the first shard; every other shard is reached by posting to it.
class server::implementation {
public:
    explicit implementation(server_options options)
        : options_{checked(std::move(options))}, budget_{options_.buffer_budget},
          admission_{[this] { resume_accepting(); }}, shutdown_{services_, [this] { runtime_.stop(); }},
          runtime_{options_.threads, options_.blocking_threads}, watchdog_{runtime_, duties()} {
        for (std::size_t i = 0; i < runtime_.size(); ++i) {
            services_.push_back(std::make_unique<shard_service>(core_of(runtime_[i])));
            if (options_.buffer_budget != 0)
                core_of(runtime_[i]).blocks().use(budget_);
        }
        admission_.set_most(sessions_descriptors_allow()); // now that the server's own are open
    }

    ~implementation() {
        admission_.close();
        shutdown_.close();
        for (const auto& each : services_) {
            each->sessions.close();
            each->datagrams.close();
        }
    }

    endpoint listen(std::string_view where, framing messages, handler what, const limits& bounds) {
        validate(bounds, admission_.most());
        auto opened = open_listen_sockets(stream_url(where), options_.unix_mode, options_.socket);
        const endpoint first_local = opened.front().local;
        const auto rules = std::make_shared<const session_rules>(
            session_rules{std::move(messages), std::move(what), std::make_shared<const limits>(bounds)});
        admission::listener& door = admission_.add(bounds);
        const acceptor::rules accepting{
            .has_capacity = [this, &door] { return admission_.has_capacity(door); },
            .take = [this, &door, rules](unique_descriptor socket,
                                         const endpoint& remote) { take(door, std::move(socket), remote, rules); },
            .rate = std::make_shared<token_bucket>(bounds.accept_rate),
            .users = options_.unix_users,
        };
        std::vector<std::unique_ptr<acceptor>> added;
        for (listen_socket& each : opened) {
            added.push_back(std::make_unique<acceptor>(first(), std::move(each), accepting));
        }
        for (const auto& each : added)
            announced_.push_back(each->local());
        std::move(added.begin(), added.end(), std::back_inserter(acceptors_));
        drain_limit_ = std::max(drain_limit_, bounds.drain_timeout);
        return first_local;
    }

    endpoint listen(std::string_view where, handler what, const udp_options& how, const limits& bounds) {
        fairlead::validate(bounds);
        auto opened = open_udp_sockets(datagram_url(where), how, runtime_.size());
        limits for_peers = bounds;
        for_peers.linger_timeout = limits::duration{0}; // a peer of datagrams has no end of its own to wait for
        udp_rules rules{std::move(what), how, std::make_shared<const limits>(for_peers)};
        const auto peers = std::make_shared<udp_peers>(rules);
        const endpoint first_local = opened.front().front().local;
        for (udp_listen_sockets& sockets : opened) {
            announced_.push_back(sockets.front().local);
            for (std::size_t i = 0; i < sockets.size(); ++i)
                services_[i]->datagrams.add(std::move(sockets[i]), rules, peers);
        }
        drain_limit_ = std::max(drain_limit_, bounds.drain_timeout);
        return first_local;
    }

    endpoint listen(std::string_view where, handler what, const udp_options& how) {
        return listen(where, std::move(what), how, options_.limits);
    }

    endpoint listen(std::string_view where, framing messages, handler what) {
        return listen(where, std::move(messages), std::move(what), options_.limits);
    }

    int run() {
        if (options_.on_listening)
            boost::asio::post(first().executor(), [this] { announce(); });
        shutdown_.prepare();
        watchdog_.start();
        runtime_.run();
        watchdog_.stop();
        std::size_t cut_off = shutdown_.sessions_cut_off();
        for (const auto& each : services_) {
            if (!each->sessions.was_cut_off())
                cut_off += each->sessions.left(); // a handler that blocked its thread kept it from being told
        }
        log_exceptions([&] {
            const std::size_t datagrams = shutdown_.datagrams_cut_off();
            log_suppressed();
            log_info("stopped: " + std::to_string(to_finish_ - std::min<std::uint64_t>(cut_off, to_finish_)) +
                     " sessions finished, " + std::to_string(cut_off) + " cut off" +
                     (datagrams == 0 ? "" : ", " + std::to_string(datagrams) + " datagrams dropped"));
            report_datagrams(statistics().datagrams);
        });
        return cut_off == 0 && shutdown_.datagrams_cut_off() == 0 ? 0 : 3;
    }

    void stop() {
        boost::asio::post(first().executor(), [this] { begin_stop(); });
    }

    fairlead::statistics statistics() const {
        fairlead::statistics found;
        for (std::size_t i = 0; i < services_.size(); ++i) {
            found.shards.push_back(services_[i]->sessions.statistics());
            found.shards.back().blocked = watchdog_.blocked(i).value();
            found.shards.back().datagrams = services_[i]->datagrams.statistics();
            found += found.shards.back();
            found.accept_failures += services_[i]->sessions.failures().value();
        }
        for (const auto& each : acceptors_) {
            const acceptor::counters& counted = each->counted();
            found.accept_failures += counted.failures.value();
            found.accept_pauses += counted.pauses.value();
            found.held_for_sessions += counted.held_for_sessions.value();
            found.held_for_rate += counted.held_for_rate.value();
        }
        found.accept_failures += not_placed_.value();
        found.refused_for_address = refused_for_address_.value();
        found.refused_for_memory = refused_for_memory_.value();
        const auto [suppressed, lost] = count_log_losses();
        found.suppressed_log_lines = suppressed;
        found.lost_log_lines = lost;
        return found;
    }

private:
    shard_core& first() noexcept { return core_of(runtime_[0]); }

    void announce() {
        for (const endpoint& each : announced_)
            options_.on_listening(each);
    }

    // --- accepting

    void take(admission::listener& door, unique_descriptor socket, const endpoint& remote,
              std::shared_ptr<const session_rules> rules) {
        if (options_.buffer_budget != 0 && budget_.left() < budget_.most() / 8) {
            refused_for_memory_.add();
            return refuse(remote, "the buffers of all sessions have nearly used up their budget");
        }
        auto permit = admission_.admit(door, remote);
        if (!permit) {
            refused_for_address_.add();
            return refuse(remote, "its address has as many sessions as it may");
        }
        place_session(std::move(socket), remote, std::move(rules), std::move(*permit));
    }

    void refuse(const endpoint& remote, const std::string& why) {
        log_warning(log_topic::connection_refused, "a connection from " + remote.to_string() + " was refused: " + why);
    }

    void place_session(unique_descriptor socket, const endpoint& remote, std::shared_ptr<const session_rules> rules,
                       admission::permit permit) {
        const auto least = std::min_element(services_.begin(), services_.end(), [](const auto& a, const auto& b) {
            return a->sessions.load() < b->sessions.load();
        });
        session_group& group = (*least)->sessions;
        group.reserve();
        if (&group.home() == &first())
            return group.serve(std::move(socket), remote, *rules, std::move(permit));
        try {
            boost::asio::post(group.home().executor(),
                              [&group, socket = std::move(socket), remote, rules = std::move(rules),
                               permit = std::move(permit)]() mutable {
                                  group.serve(std::move(socket), remote, *rules, std::move(permit));
                              });
        } catch (...) {
            group.withdraw_reservation();
            not_placed_.add();
            throw;
        }
    }

    void resume_accepting() {
        boost::asio::post(first().executor(), [this] {
            for (const auto& each : acceptors_)
                each->resume();
        });
    }

    // --- stopping

    // Connections placed on another shard before this are there before the stop, for posts keep their order.
    void begin_stop() {
        if (shutdown_.begun())
            return;
        log_exceptions([this] { watchdog_.expect_end(drain_limit_ + graceful_shutdown::grace + patience); });
        for (const auto& each : acceptors_)
            each->refuse_newcomers();
        const auto handshakes_end = std::chrono::steady_clock::now() + handshake_time;
        for (const auto& each : acceptors_)
            each->stop(handshakes_end);
        log_exceptions([this] {
            to_finish_ = statistics().active;
            log_info("stopping: " + std::to_string(to_finish_) + " sessions to finish");
        });
        shutdown_.begin(drain_limit_);
    }

    // --- on the supervisor's thread

    watchdog::duties duties() {
        watchdog::duties what;
        if (options_.handle_signals)
            what.on_signal = [this](int number) { on_signal(number); };
        what.blocked = [this](std::size_t shard) { report_blocked(shard); };
        what.give_up = [this] { give_up(); };
        return what;
    }

    void on_signal(int number) {
        if (number == SIGUSR1)
            return report();
        const bool first_of_all = !std::exchange(signalled_, true);
        if (first_of_all) {
            watchdog_.expect_end(drain_limit_ + graceful_shutdown::grace + patience);
            return stop();
        }
        if (number == SIGHUP)
            return;
        watchdog_.expect_end(graceful_shutdown::grace + patience);
        boost::asio::post(first().executor(), [this] {
            begin_stop();
            shutdown_.cut_off("a second signal came");
        });
    }

    void report() {
        const fairlead::statistics found = statistics();
        log_info("statistics " + to_string(found));
        report_datagrams(found.datagrams);
        for (const auto& each : services_)
            boost::asio::post(each->sessions.home().executor(), [&group = each->sessions] { group.report(); });
    }

    void report_datagrams(const datagram_statistics& found) const {
        if (std::any_of(services_.begin(), services_.end(), [](const auto& each) { return !each->datagrams.empty(); }))
            log_info("datagrams " + to_string(found));
    }

    void report_blocked(std::size_t shard) {
        const std::uint64_t running = core_of(runtime_[shard]).running();
        log_warning(log_topic::shard_blocked,
                    "thread " + std::to_string(shard) + " has not come back for more than 100 ms, and the " +
                        std::to_string(services_[shard]->sessions.left()) + " sessions on it wait; " +
                        (running == 0 ? std::string{"what keeps it is not known"}
                                      : "the handler of " + name_of(shard, running) + " keeps it") +
                        "; a handler must not block");
    }

    std::string name_of(std::size_t shard, std::uint64_t running) const {
        const auto socket = services_[shard]->datagrams.name_of(running);
        return socket ? *socket : services_[shard]->sessions.name_of(running);
    }

    void give_up() {
        if (!options_.handle_signals)
            return;
        log_exceptions([this] {
            const auto now = std::chrono::steady_clock::now();
            std::size_t left = 0;
            for (std::size_t i = 0; i < services_.size(); ++i) {
                left += services_[i]->sessions.left();
                if (core_of(runtime_[i]).overdue(now) > graceful_shutdown::grace)
                    report_blocked(i);
            }
            log_suppressed();
            log_info("stopped: " + std::to_string(left) +
                     " sessions cut off; ending the process, for a handler keeps its thread");
            flush_log();
        });
        std::_Exit(3);
    }

    server_options options_;
    buffer_budget budget_;
    admission admission_;
    graceful_shutdown::services services_; // outlive the coroutines that the runtime destroys
    graceful_shutdown shutdown_;
    runtime runtime_;
    std::vector<endpoint> announced_;
    std::vector<std::unique_ptr<acceptor>> acceptors_;
    limits::duration drain_limit_{0};
    std::uint64_t to_finish_ = 0;
    bool signalled_ = false; // on the supervisor's thread
    counter refused_for_address_, refused_for_memory_, not_placed_;
    watchdog watchdog_;
};

server::server(server_options options) : implementation_{std::make_unique<implementation>(std::move(options))} {}

server::~server() = default;

endpoint server::listen(std::string_view where, framing rules, handler what) {
    return implementation_->listen(where, std::move(rules), std::move(what));
}

endpoint server::listen(std::string_view where, framing rules, handler what, const limits& bounds) {
    return implementation_->listen(where, std::move(rules), std::move(what), bounds);
}

endpoint server::listen(std::string_view where, handler what, const udp_options& how) {
    return implementation_->listen(where, std::move(what), how);
}

endpoint server::listen(std::string_view where, handler what, const udp_options& how, const limits& bounds) {
    return implementation_->listen(where, std::move(what), how, bounds);
}

int server::run() {
    return implementation_->run();
}

void server::stop() {
    implementation_->stop();
}

statistics server::statistics() const {
    return implementation_->statistics();
}

} // namespace fairlead
