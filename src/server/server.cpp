#include <fairlead/server.hpp>

#include "base/log.hpp"
#include "server/acceptor.hpp"
#include "server/listen_socket.hpp"
#include "server/session_group.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace fairlead {

namespace {

// What sessions that were cut off get to end their coroutines before these are destroyed.
constexpr std::chrono::milliseconds grace{200};

server_options checked(server_options options) {
    if (options.unix_mode > 0777)
        throw std::invalid_argument{
            "server_options::unix_mode has more than permissions in it; use an octal number from "
            "0 to 0777, such as 0660"};
    return options;
}

} // namespace

/// Lives on the first shard; every other shard is reached by posting to it.
class server::implementation {
public:
    explicit implementation(server_options options)
        : options_{checked(std::move(options))}, runtime_{options_.threads}, timer_{first().executor()},
          signals_{first().executor()} {
        for (std::size_t i = 0; i < runtime_.size(); ++i)
            groups_.push_back(std::make_unique<session_group>(runtime_[i]));
    }

    endpoint listen(std::string_view where, framing messages, handler what) {
        auto opened = open_listen_sockets(url::parse(where), options_.unix_mode);
        const endpoint first_local = opened.front().local;
        const auto rules = std::make_shared<const session_rules>(
            session_rules{std::move(messages), std::move(what), options_.session_limits});
        auto place = [this, rules](unique_descriptor socket, const endpoint& remote) {
            place_session(std::move(socket), remote, rules);
        };
        std::vector<std::unique_ptr<acceptor>> added;
        for (listen_socket& each : opened)
            added.push_back(std::make_unique<acceptor>(first(), std::move(each), options_.unix_users, place));
        std::move(added.begin(), added.end(), std::back_inserter(acceptors_));
        return first_local;
    }

    int run() {
        if (options_.handle_signals) {
            signals_.add(SIGINT);
            signals_.add(SIGTERM);
            await_signal();
        }
        if (options_.on_listening)
            boost::asio::post(first().executor(), [this] { announce(); });
        runtime_.run();
        for (const auto& each : groups_)
            cut_off_ += each->left(); // a handler that blocked its thread kept it from being told
        return cut_off_ == 0 ? 0 : 3;
    }

    void stop() {
        boost::asio::post(first().executor(), [this] { begin_stop(); });
    }

    fairlead::statistics total() const noexcept {
        fairlead::statistics sum;
        for (const auto& each : groups_)
            each->add_to(sum);
        for (const auto& each : acceptors_)
            sum.accept_failures += each->failures().value();
        return sum;
    }

private:
    shard& first() noexcept { return runtime_[0]; }

    void announce() {
        for (const auto& each : acceptors_)
            options_.on_listening(each->local());
    }

    void await_signal() {
        signals_.async_wait([this](const error_code& cancelled, int signal) {
            if (cancelled)
                return;
            if (stopping_)
                return cut_off(std::string{"a second signal ("} + ::strsignal(signal) + ") came");
            await_signal();
            begin_stop();
        });
    }

    void place_session(unique_descriptor socket, const endpoint& remote, std::shared_ptr<const session_rules> rules) {
        const auto least = std::min_element(groups_.begin(), groups_.end(),
                                            [](const auto& a, const auto& b) { return a->load() < b->load(); });
        session_group& group = **least;
        group.reserve();
        if (&group.home() == &first())
            return group.serve(std::move(socket), remote, *rules);
        boost::asio::post(group.home().executor(),
                          [&group, socket = std::move(socket), remote, rules = std::move(rules)]() mutable {
                              group.serve(std::move(socket), remote, *rules);
                          });
    }

    // Connections placed on another shard before this are there before the stop, for posts keep their order.
    void begin_stop() {
        if (std::exchange(stopping_, true))
            return;
        const auto limit = options_.session_limits.drain;
        after(limit,
              [this, limit] { cut_off("they had not finished after " + std::to_string(limit.count()) + " ms"); });
        for (const auto& each : acceptors_)
            each->stop();
        const auto now = total();
        log_info("stopping: " + std::to_string(now.active) + " sessions to finish");
        for (const auto& each : groups_) {
            boost::asio::post(each->home().executor(), [this, &group = *each] {
                group.stop([this] { boost::asio::post(first().executor(), [this] { group_stopped(); }); });
            });
        }
    }

    void group_stopped() {
        if (++stopped_groups_ == groups_.size())
            end();
    }

    void cut_off(const std::string& why) {
        for (const auto& each : groups_) {
            boost::asio::post(each->home().executor(), [this, &group = *each, why] { cut_off_ += group.cut_off(why); });
        }
        after(grace, [this] { end(); });
    }

    void end() {
        timer_.cancel();
        signals_.cancel();
        runtime_.stop();
    }

    template <class Action>
    void after(std::chrono::milliseconds delay, Action action) {
        timer_.expires_after(delay);
        timer_.async_wait([action = std::move(action)](const error_code& cancelled) {
            if (!cancelled)
                action();
        });
    }

    server_options options_;
    std::vector<std::unique_ptr<session_group>> groups_; // outlive the coroutines that the runtime destroys
    runtime runtime_;
    std::vector<std::unique_ptr<acceptor>> acceptors_;
    boost::asio::steady_timer timer_;
    boost::asio::signal_set signals_;
    std::size_t stopped_groups_ = 0;
    bool stopping_ = false;
    std::atomic<std::size_t> cut_off_{0};
};

server::server(server_options options) : implementation_{std::make_unique<implementation>(std::move(options))} {}

server::~server() = default;

endpoint server::listen(std::string_view where, framing rules, handler what) {
    return implementation_->listen(where, std::move(rules), std::move(what));
}

int server::run() {
    return implementation_->run();
}

void server::stop() {
    implementation_->stop();
}

fairlead::statistics server::statistics() const {
    return implementation_->total();
}

} // namespace fairlead
