// Taking sockets over from another process, and handing them over to the next.

#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "server/server_core.hpp"
#include "server/succession.hpp"
#include "tls/secure_stream.hpp"

#include <boost/asio/post.hpp>

#include <future>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include <utility>

namespace fairlead {

namespace {

// The time for sessions that were accepted just before to send their first message, and for others to end.
constexpr std::chrono::seconds settle_time{1};
constexpr std::chrono::seconds shard_patience{5};
constexpr std::chrono::milliseconds between_checks{20};

url path_of(std::string_view text) {
    url found = url::parse(text);
    if (found.transport != transport::unix_stream || found.tls || !found.path.starts_with('/'))
        throw std::invalid_argument{"'" + std::string{text} +
                                    "' is no place for a hand-over; give the path of a Unix socket, such as "
                                    "unix:///run/fairlead.sock"};
    return found;
}

using copies = std::vector<std::vector<lent_socket>>; // by listener

// Returns false if the result is not ready by the deadline, or if a stop comes before.
template <class Result>
bool wait_for(std::future<Result>& result, std::chrono::steady_clock::time_point deadline,
              const event_descriptor& stop) {
    while (result.wait_for(between_checks) != std::future_status::ready) {
        if (std::chrono::steady_clock::now() >= deadline || is_notified(stop))
            return false;
    }
    return true;
}

[[noreturn]] void refuse_to_lend(const event_descriptor& stop, const std::string& why) {
    if (is_notified(stop))
        throw hand_over_stopped{};
    throw std::runtime_error{why + "; try again later"};
}

} // namespace

void server_core::adopt(std::string_view url, passed_socket&& socket) {
    check_changeable();
    inherited_.adopt(url::parse(url), std::move(socket));
}

succession& server_core::successors() {
    const std::lock_guard lock{life_mutex_};
    if (started_ || stop_asked_)
        throw std::logic_error{"a hand-over is arranged before the server runs"};
    if (!succession_)
        succession_ = std::make_unique<succession>(
            joint_, inherited_,
            succession::actions{.lend = [this](const event_descriptor& stop) { return lend(stop); },
                                .leave = [this](const event_descriptor& stop) { leave_to_successor(stop); },
                                .succeeded = [this] { notify_ready(); },
                                .failed =
                                    [this](const std::string& why) {
                                        succession_end_ = succession_end::failed;
                                        log_warning("stopping, for the running process goes on: " + why);
                                        stop();
                                    }});
    return *succession_;
}

bool server_core::take_over(std::string_view from) {
    const url path = path_of(from);
    return successors().take_over(path);
}

void server_core::hand_over(std::string_view at) {
    const url path = path_of(at);
    successors().offer_at(path);
}

// Waits outside of the lock: a request to reload can occupy an endpoint for a long time, and a stop takes the lock too.
void server_core::lend_admin(std::chrono::steady_clock::time_point deadline, const event_descriptor& stop,
                             std::vector<lent_listener>& to) {
    std::vector<std::pair<std::string, std::future<std::vector<lent_socket>>>> parts;
    {
        const std::lock_guard lock{admin_mutex_};
        for (std::size_t i = 0; admin_ && i < admin_->size(); ++i)
            parts.emplace_back((*admin_)[i]->url(), (*admin_)[i]->lend());
    }
    for (auto& [url, part] : parts) {
        if (!wait_for(part, deadline, stop))
            refuse_to_lend(stop, "the admin endpoint of the running process is busy");
        try {
            auto sockets = part.get();
            to.push_back({.name = {url, listens_for::administration}, .sockets = std::move(sockets)});
        } catch (const std::future_error&) { // it has ended, because the server stops
        }
    }
}

// A reload is one change: it is complete before the copies, or it is refused. So is each other change of the listeners.
std::vector<std::shared_ptr<listener>> server_core::begin_to_lend(std::chrono::steady_clock::time_point deadline,
                                                                  const event_descriptor& stop) {
    std::unique_lock reload{reload_mutex_, std::defer_lock};
    while (!reload.try_lock()) {
        if (std::chrono::steady_clock::now() >= deadline || is_notified(stop))
            refuse_to_lend(stop, "the running process reads its configuration again");
        std::this_thread::sleep_for(between_checks);
    }
    const std::lock_guard lock{life_mutex_};
    if (!joint_->lend())
        throw hand_over_stopped{};
    return listeners_.listed();
}

// The shards copy the descriptors. On any other thread, one could be closed meanwhile and its number reused.
std::vector<lent_listener> server_core::lend(const event_descriptor& stop) {
    const auto deadline = std::chrono::steady_clock::now() + shard_patience;
    const auto listed = begin_to_lend(deadline, stop);
    std::vector<std::future<copies>> parts;
    for (std::size_t i = 0; i < services_.size(); ++i) {
        auto promise = std::make_shared<std::promise<copies>>();
        parts.push_back(promise->get_future());
        boost::asio::post(host_.shards[i]->executor(), [listed, promise, i, self = shared_from_this()] {
            try {
                copies here(listed.size());
                for (std::size_t k = 0; k < listed.size(); ++k)
                    listed[k]->lend(i, here[k]);
                promise->set_value(std::move(here));
            } catch (const std::exception&) {
                promise->set_exception(std::current_exception());
            }
        });
    }
    std::vector<lent_listener> all(listed.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (!wait_for(parts[i], deadline, stop))
            refuse_to_lend(stop, "thread " + std::to_string(i) + " of the running process is blocked by a handler");
        copies here = parts[i].get();
        for (std::size_t k = 0; k < here.size(); ++k)
            std::move(here[k].begin(), here[k].end(), std::back_inserter(all[k].sockets));
    }
    for (std::size_t k = 0; k < listed.size(); ++k) {
        all[k].name.url = listed[k]->name();
        if (const auto tls = listed[k]->tls())
            all[k].ticket_keys = export_ticket_keys(*tls->context());
    }
    lend_admin(deadline, stop, all);
    std::erase_if(all, [](const lent_listener& each) { return each.sockets.empty(); });
    for (std::size_t k = 0; k < all.size(); ++k)
        all[k].name.number = k + 1;
    return all;
}

// A blocked shard accepts nothing, and closes its sockets when it runs again.
void server_core::leave_to_successor(const event_descriptor& stop) {
    {
        const std::lock_guard lock{life_mutex_};
        stop_asked_ = true;
        succession_end_ = succession_end::handed_over;
    }
    {
        const std::lock_guard lock{admin_mutex_};
        for (std::size_t i = 0; admin_ && i < admin_->size(); ++i)
            (*admin_)[i]->hand_on();
    }
    std::vector<std::future<void>> parts;
    for (std::size_t i = 0; i < services_.size(); ++i) {
        auto promise = std::make_shared<std::promise<void>>();
        parts.push_back(promise->get_future());
        boost::asio::post(host_.shards[i]->executor(), [promise, i, self = shared_from_this()] {
            for (const auto& each : self->listeners_.listed())
                each->hand_on(i);
            if (i == 0)
                self->stop_when_settled();
            promise->set_value();
        });
    }
    const auto deadline = std::chrono::steady_clock::now() + shard_patience;
    for (auto& each : parts)
        wait_for(each, deadline, stop);
}

void server_core::stop_when_settled() {
    if (shutdown_.begun())
        return;
    log_exceptions([this] {
        settling_.emplace(first(), [this] { begin_stop(); });
        settling_->set(settle_time);
    });
    if (!settling_)
        begin_stop();
}

void server_core::notify_ready() {
    const std::lock_guard lock{life_mutex_};
    if (!notifier_ || stop_asked_)
        return;
    std::string lines = "READY=1\nSTATUS=serving";
    if (succession_ && succession_->took_over())
        lines += "\nMAINPID=" + std::to_string(::getpid());
    notifier_->send(lines);
}

} // namespace fairlead
