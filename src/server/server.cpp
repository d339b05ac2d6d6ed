#include <fairlead/server.hpp>

#include "base/guarded.hpp"
#include "base/log.hpp"
#include "server/acceptor.hpp"
#include "server/admission.hpp"
#include "server/descriptor_limit.hpp"
#include "server/listen_socket.hpp"
#include "server/session_group.hpp"
#include "server/supervisor.hpp"
#include "server/udp_group.hpp"
#include "server/udp_listen_socket.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <stdexcept>
#include <utility>
#include <vector>

namespace fairlead {

namespace {

// What sessions that were cut off get to end their coroutines before these are destroyed.
constexpr std::chrono::milliseconds grace{200};

// How long after its deadline a stop may take before the process is ended.
constexpr std::chrono::milliseconds patience{800};

// Far away, and yet an entry in the timer queue, so that moving the timer takes no memory.
constexpr std::chrono::hours never{24 * 365 * 10};

// What handshakes get that had begun when the stop did: enough for peers near by, and for a busy machine's own.
constexpr std::chrono::milliseconds handshake_time{20};

server_options checked(server_options options) {
    if (options.unix_mode > 0777)
        throw std::invalid_argument{
            "server_options::unix_mode has more than permissions in it; use an octal number from "
            "0 to 0777, such as 0660"};
    validate(options.limits);
    return options;
}

void validate(const limits& bounds, std::size_t most) {
    fairlead::validate(bounds);
    const std::string advice = "; raise the limit of the process (ulimit -n), or ";
    if (most == 0)
        throw std::invalid_argument{"there are no descriptors left for sessions" + advice + "close some"};
    if (bounds.max_sessions > most)
        throw std::invalid_argument{std::to_string(bounds.max_sessions) + " sessions (max_sessions) exceed the " +
                                    std::to_string(most) + " that there are descriptors for" + advice +
                                    "ask for fewer"};
}

url stream_url(std::string_view text) {
    url where = url::parse(text);
    if (where.via == transport::udp)
        throw std::invalid_argument{"'" + std::string{text} +
                                    "' takes no framing, for a datagram is a message already; listen with the handler "
                                    "alone"};
    return where;
}

url datagram_url(std::string_view text) {
    url where = url::parse(text);
    if (where.via != transport::udp)
        throw std::invalid_argument{"'" + std::string{text} +
                                    "' carries a stream, whose messages need a framing; give one, such as "
                                    "length_prefixed{}, or listen at udp://HOST:PORT"};
    return where;
}

} // namespace

/// Lives on the first shard; every other shard is reached by posting to it.
class server::implementation {
public:
    explicit implementation(server_options options)
        : options_{checked(std::move(options))}, budget_{options_.buffer_budget}, admission_{[this] {
              resume_accepting();
          }},
          runtime_{options_.threads}, timer_{first().executor()}, supervisor_{runtime_, duties()} {
        for (std::size_t i = 0; i < runtime_.size(); ++i) {
            groups_.push_back(std::make_unique<session_group>(runtime_[i]));
            udp_.push_back(std::make_unique<udp_group>(*groups_.back()));
            put_aside_.push_back(std::make_unique<stop_memory>());
            if (options_.buffer_budget != 0)
                runtime_[i].blocks().use(budget_);
        }
        admission_.set_most(sessions_descriptors_allow()); // now that the server's own are open
    }

    ~implementation() {
        admission_.close();
        for (const auto& each : groups_)
            each->close();
        for (const auto& each : udp_)
            each->close();
    }

    endpoint listen(std::string_view where, framing messages, handler what, const limits& bounds) {
        validate(bounds, admission_.most());
        auto opened = open_listen_sockets(stream_url(where), options_.unix_mode);
        const endpoint first_local = opened.front().local;
        const auto rules =
            std::make_shared<const session_rules>(session_rules{std::move(messages), std::move(what), bounds});
        admission::listener& door = admission_.add(bounds);
        const acceptor::rules accepting{
            .room = [this, &door] { return admission_.room(door); },
            .take = [this, &door, rules](unique_descriptor socket,
                                         const endpoint& remote) { take(door, std::move(socket), remote, rules); },
            .rate = std::make_shared<token_bucket>(bounds.accept_rate),
            .users = options_.unix_users,
        };
        std::vector<std::unique_ptr<acceptor>> added;
        for (listen_socket& each : opened) {
            memory_.push_back(std::make_unique<handler_memory>());
            added.push_back(std::make_unique<acceptor>(first(), std::move(each), accepting, *memory_.back()));
        }
        for (const auto& each : added)
            announced_.push_back(each->local());
        std::move(added.begin(), added.end(), std::back_inserter(acceptors_));
        drain_ = std::max(drain_, bounds.drain);
        return first_local;
    }

    endpoint listen(std::string_view where, handler what, const udp_options& how, const limits& bounds) {
        fairlead::validate(bounds);
        auto opened = open_udp_sockets(datagram_url(where), how, runtime_.size());
        udp_rules rules{std::move(what), how, bounds};
        rules.bounds.linger = limits::duration{0}; // a peer of datagrams has no end of its own to wait for
        const auto peers = std::make_shared<udp_peers>(rules);
        const endpoint first_local = opened.front().front().local;
        for (udp_listen_sockets& sockets : opened) {
            announced_.push_back(sockets.front().local);
            for (std::size_t i = 0; i < sockets.size(); ++i)
                udp_[i]->add(std::move(sockets[i]), rules, peers);
        }
        drain_ = std::max(drain_, bounds.drain);
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
        timer_.expires_after(never);
        await_deadline();
        supervisor_.start();
        runtime_.run();
        supervisor_.stop();
        for (const auto& each : groups_) {
            if (!each->was_cut_off())
                cut_off_ += each->left(); // a handler that blocked its thread kept it from being told
        }
        guarded([this] {
            log_suppressed();
            log_info("stopped: " + std::to_string(to_finish_ - std::min<std::uint64_t>(cut_off_, to_finish_)) +
                     " sessions finished, " + std::to_string(cut_off_) + " cut off");
        });
        return cut_off_ == 0 ? 0 : 3;
    }

    void stop() {
        boost::asio::post(first().executor(), [this] { begin_stop(); });
    }

    fairlead::statistics statistics() const {
        fairlead::statistics found;
        for (std::size_t i = 0; i < groups_.size(); ++i) {
            found.shards.push_back(groups_[i]->statistics());
            found.shards.back().blocked = supervisor_.blocked(i).value();
            found.shards.back().datagrams = udp_[i]->statistics();
            found += found.shards.back();
        }
        for (const auto& each : acceptors_) {
            const acceptor::counters& counted = each->counted();
            found.accept_failures += counted.failures.value();
            found.accept_pauses += counted.pauses.value();
            found.held_for_sessions += counted.held_for_sessions.value();
            found.held_for_rate += counted.held_for_rate.value();
        }
        found.accept_failures += not_placed_.value();
        for (const auto& each : groups_)
            found.accept_failures += each->failures().value();
        found.refused_for_address = refused_for_address_.value();
        found.refused_for_memory = refused_for_memory_.value();
        const auto [suppressed, lost] = count_log_losses();
        found.suppressed_log_lines = suppressed;
        found.lost_log_lines = lost;
        return found;
    }

private:
    // What is posted to a shard, and comes back from it, when the server stops.
    struct stop_memory {
        handler_memory stop, stopped, cut_off;
    };

    shard& first() noexcept { return runtime_[0]; }

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
        auto place = admission_.admit(door, remote);
        if (!place) {
            refused_for_address_.add();
            return refuse(remote, "its address has as many sessions as it may");
        }
        place_session(std::move(socket), remote, std::move(rules), std::move(*place));
    }

    void refuse(const endpoint& remote, const std::string& why) {
        log_warning(log_topic::connection_refused, "a connection from " + remote.to_string() + " was refused: " + why);
    }

    void place_session(unique_descriptor socket, const endpoint& remote, std::shared_ptr<const session_rules> rules,
                       admission::place place) {
        const auto least = std::min_element(groups_.begin(), groups_.end(),
                                            [](const auto& a, const auto& b) { return a->load() < b->load(); });
        session_group& group = **least;
        group.reserve();
        if (&group.home() == &first())
            return group.serve(std::move(socket), remote, *rules, std::move(place));
        try {
            boost::asio::post(group.home().executor(), [&group, socket = std::move(socket), remote,
                                                        rules = std::move(rules), place = std::move(place)]() mutable {
                group.serve(std::move(socket), remote, *rules, std::move(place));
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

    // Its steps take no memory that was not put aside: a stop must not fail for want of it.

    // Connections placed on another shard before this are there before the stop, for posts keep their order.
    void begin_stop() {
        if (std::exchange(stopping_, true))
            return;
        timer_.expires_after(drain_);
        guarded([this] { supervisor_.expect_end(drain_ + grace + patience); });
        for (const auto& each : acceptors_)
            each->refuse_newcomers();
        const auto handshakes_end = std::chrono::steady_clock::now() + handshake_time;
        for (const auto& each : acceptors_)
            each->stop(handshakes_end);
        guarded([this] {
            to_finish_ = statistics().active;
            log_info("stopping: " + std::to_string(to_finish_) + " sessions to finish");
        });
        for (std::size_t i = 0; i < groups_.size(); ++i)
            post(*groups_[i], put_aside_[i]->stop, [this, i] { stop_group(i); });
    }

    // Datagrams that wait in the system may begin conversations, and none begins once the sessions are told to stop.
    void stop_group(std::size_t index) {
        udp_[index]->stop([this, index] {
            groups_[index]->stop([this, index] {
                boost::asio::post(first().executor(), put_aside_[index]->stopped.bind([this] { group_stopped(); }));
            });
        });
    }

    void group_stopped() {
        if (++stopped_groups_ == groups_.size())
            end();
    }

    void cut_off(const char* why) {
        if (std::exchange(cutting_off_, true))
            return;
        for (std::size_t i = 0; i < groups_.size(); ++i)
            post(*groups_[i], put_aside_[i]->cut_off, [this, i, why] {
                udp_[i]->cut_off();
                cut_off_ += groups_[i]->cut_off(why);
            });
        timer_.expires_after(grace);
    }

    void end() {
        ended_ = true;
        timer_.cancel();
        runtime_.stop();
    }

    // The timer is always waited for, so that moving it takes no memory.
    void await_deadline() {
        timer_.async_wait(timer_memory_.bind([this](const error_code& moved) {
            if (ended_)
                return;
            if (!moved && cutting_off_)
                return end();
            if (!moved)
                cut_off("the server stopped, and it had not finished in time");
            await_deadline();
        }));
    }

    template <class Action>
    void post(session_group& to, handler_memory& memory, Action action) {
        boost::asio::post(to.home().executor(), memory.bind(std::move(action)));
    }

    // --- on the supervisor's thread

    supervisor::duties duties() {
        supervisor::duties what;
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
            supervisor_.expect_end(drain_ + grace + patience);
            return stop();
        }
        if (number == SIGHUP)
            return;
        supervisor_.expect_end(grace + patience);
        boost::asio::post(first().executor(), [this] {
            begin_stop();
            cut_off("a second signal came");
        });
    }

    void report() {
        const fairlead::statistics found = statistics();
        log_info("statistics " + to_string(found));
        if (std::any_of(udp_.begin(), udp_.end(), [](const auto& each) { return !each->empty(); }))
            log_info("datagrams " + to_string(found.datagrams));
        for (const auto& each : groups_)
            boost::asio::post(each->home().executor(), [&group = *each] { group.report(); });
    }

    void report_blocked(std::size_t shard) {
        const std::uint64_t running = runtime_[shard].running();
        log_warning(log_topic::shard_blocked,
                    "thread " + std::to_string(shard) + " has not come back for more than 100 ms, and the " +
                        std::to_string(groups_[shard]->left()) + " sessions on it wait; " +
                        (running == 0 ? std::string{"what keeps it is not known"}
                                      : "the handler of " + name_of(shard, running) + " keeps it") +
                        "; a handler must not block");
    }

    std::string name_of(std::size_t shard, std::uint64_t running) const {
        const auto socket = udp_[shard]->name_of(running);
        return socket ? *socket : groups_[shard]->name_of(running);
    }

    void give_up() {
        if (!options_.handle_signals)
            return;
        guarded([this] {
            const auto now = std::chrono::steady_clock::now();
            std::size_t left = 0;
            for (std::size_t i = 0; i < groups_.size(); ++i) {
                left += groups_[i]->left();
                if (runtime_[i].overdue(now) > grace)
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
    std::vector<std::unique_ptr<session_group>> groups_; // outlive the coroutines that the runtime destroys
    std::vector<std::unique_ptr<udp_group>> udp_;        // as the groups, which send through it
    std::vector<endpoint> announced_;
    std::vector<std::unique_ptr<handler_memory>> memory_; // of the acceptors' timers; outlives the runtime, as these do
    std::vector<std::unique_ptr<stop_memory>> put_aside_;
    handler_memory timer_memory_;
    runtime runtime_;
    std::vector<std::unique_ptr<acceptor>> acceptors_;
    boost::asio::steady_timer timer_;
    limits::duration drain_{0};
    std::uint64_t to_finish_ = 0;
    std::size_t stopped_groups_ = 0;
    bool stopping_ = false;
    bool cutting_off_ = false;
    bool ended_ = false;
    bool signalled_ = false; // on the supervisor's thread
    counter refused_for_address_, refused_for_memory_, not_placed_;
    std::atomic<std::size_t> cut_off_{0};
    supervisor supervisor_;
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
