#include "server/succession.hpp"

#include "core/start_thread.hpp"
#include "core/system_error.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "net/resolve.hpp"
#include "server/listen_error.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace fairlead {

namespace {

constexpr std::chrono::seconds patience{5};        // for a message that is sent at once
constexpr std::chrono::seconds copy_patience{10};  // until the other process has copied its sockets
constexpr std::chrono::seconds start_patience{60}; // until a successor is ready
constexpr ::mode_t entrance_mode = 0600;
constexpr int entrance_backlog = 4;

bool is_trusted(::uid_t user) noexcept {
    return user == 0 || user == ::geteuid();
}

std::string list(const std::vector<lent_listener>& all) {
    std::string urls;
    for (const lent_listener& each : all)
        urls += (urls.empty() ? "" : ", ") + each.name.url;
    return urls.empty() ? "no listeners" : urls;
}

} // namespace

succession::succession(std::shared_ptr<joint_sockets> joint, inherited_sockets& inherited, actions given)
    : joint_{std::move(joint)}, inherited_{inherited}, actions_{std::move(given)} {}

succession::~succession() {
    stop();
}

void succession::cease() noexcept {
    stop_.notify();
    joint_->end();
}

void succession::stop() noexcept {
    cease();
    std::jthread running;
    {
        const std::lock_guard lock{mutex_};
        stopped_ = true;
        running.swap(thread_);
    }
    if (running.joinable())
        running.join();
    close_entrance();
}

void succession::close_entrance() noexcept {
    entrance_.reset();
}

// --- from the process before

bool succession::take_over(const url& from) {
    auto channel = hand_over_channel::connect(from, &stop_);
    if (!channel)
        return false;
    if (!is_trusted(channel->user()))
        throw std::runtime_error{"cannot take over at " + from.to_string() + ": user " +
                                 std::to_string(channel->user()) +
                                 " listens there; only sockets of the same user or of root are taken over"};
    try {
        channel->send({.type = kind::ask, .process = ::getpid()});
        for (;;) {
            auto next = channel->receive(copy_patience);
            if (next.message.type == kind::end) {
                predecessor_ = next.message.process;
                break;
            }
            if (next.message.type != kind::listener && next.message.type != kind::admin &&
                next.message.type != kind::entrance)
                throw std::runtime_error{"a message of the hand-over is out of place"};
            const bool passed = next.message.origin == socket_origin::passed;
            const auto origin = passed ? socket_origin::passed : socket_origin::taken_over;
            const bool is_admin = next.message.type == kind::admin;
            const listener_name of{next.message.url, is_admin ? listens_for::administration : listens_for::sessions,
                                   next.message.number};
            if (!next.message.ticket_keys.empty())
                inherited_.take_over_keys(of.url, std::move(next.message.ticket_keys));
            for (unique_descriptor& each : next.sockets) {
                lent_socket taken{std::move(each), origin, next.message.file};
                if (next.message.type == kind::entrance)
                    entrance_of_predecessor_ = std::move(taken);
                else
                    inherited_.take_over(of, std::move(taken));
            }
        }
    } catch (const hand_over_ended&) {
        inherited_.forget();
        throw std::runtime_error{"cannot take over at " + from.to_string() +
                                 ": the running process has just ended; start this one again"};
    } catch (const std::runtime_error& failed) {
        inherited_.forget();
        throw std::runtime_error{"cannot take over at " + from.to_string() + ": " + failed.what()};
    }
    joint_->take_over();
    predecessor_channel_ = std::move(channel);
    taken_from_ = from;
    log_info("taking over from process " + std::to_string(predecessor_));
    return true;
}

// If the predecessor does not answer, it has ended, and this process has its sockets all the same.
void succession::finish_take_over() {
    bool answered = true;
    try {
        try {
            predecessor_channel_->send({.type = kind::ready, .process = ::getpid()});
        } catch (const hand_over_ended&) { // the reason may wait to be received
        }
        predecessor_channel_->expect(kind::done, copy_patience);
    } catch (const hand_over_ended&) {
        answered = false;
    }
    joint_->predecessor_left();
    predecessor_channel_.reset();
    if (answered)
        log_info("took over from process " + std::to_string(predecessor_));
    else
        log_warning("process " + std::to_string(predecessor_) +
                    " ended while it handed over; continuing with its "
                    "sockets");
    for (const std::string& each : inherited_.drop_rest())
        log_info("process " + std::to_string(predecessor_) + " also listened at " + each +
                 ", where this one does not; it is closed");
    if (entrance_of_predecessor_ && !goes_on_there() && entrance_of_predecessor_->file)
        unix_socket_file::take_over(*taken_from_, *entrance_of_predecessor_->file, {}).remove();
    entrance_of_predecessor_.reset();
    actions_.succeeded();
}

bool succession::goes_on_there() const {
    return offered_at_ && taken_from_ && offered_at_->to_string() == taken_from_->to_string();
}

// --- to the next process

void succession::offer_at(const url& at) {
    offered_at_ = at;
    if (entrance_of_predecessor_ && goes_on_there()) {
        const socket_sharing taken{socket_origin::taken_over, joint_};
        const file_identity made = entrance_of_predecessor_->file.value_or(file_identity{});
        entrance_.emplace(listen_socket{
            std::move(entrance_of_predecessor_->socket), {}, unix_socket_file::take_over(at, made, taken), taken});
        return;
    }
    const socket_sharing own{socket_origin::opened, joint_};
    unique_descriptor socket{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!socket)
        refuse_to_listen(at, last_system_error());
    auto file = unix_socket_file::listen(socket.get(), at, *resolve_literal(at), entrance_mode, entrance_backlog);
    file.share(own);
    entrance_.emplace(listen_socket{std::move(socket), {}, std::move(file), own});
}

void succession::start() {
    const std::lock_guard lock{mutex_};
    if (stopped_ || (!predecessor_channel_ && !offered_at_))
        return;
    thread_ = start_thread("for the hand-over", [this] { log_exceptions([this] { run(); }); });
}

void succession::run() {
    try {
        if (predecessor_channel_)
            finish_take_over();
        if (offered_at_)
            offer();
        close_entrance(); // if the successor ends, nothing listens there
    } catch (const hand_over_stopped&) {
        close_entrance();
    } catch (const std::runtime_error& failed) {
        if (joint_->now() == joint_sockets::state::predecessor)
            actions_.failed(failed.what());
        else
            log_warning(std::string{"no hand-over is offered any more: "} + failed.what());
    }
}

void succession::offer() {
    while (wait_readable(entrance_->socket.get(), &stop_, std::nullopt)) {
        unique_descriptor accepted{::accept4(entrance_->socket.get(), nullptr, nullptr, SOCK_CLOEXEC)};
        if (!accepted) {
            if (errno != EAGAIN && errno != ECONNABORTED) // such as no descriptors
                wait_readable(-1, &stop_, std::chrono::seconds{1});
            continue;
        }
        hand_over_channel successor{std::move(accepted), &stop_};
        try {
            if (hand_over(successor))
                return;
        } catch (const hand_over_stopped&) {
            throw; // a successor that has the sockets continues
        } catch (const std::runtime_error& failed) {
            joint_->take_back();
            successor.refuse(failed.what());
            log_warning(std::string{"a hand-over failed, this process goes on: "} + failed.what());
        } catch (...) {
            joint_->take_back();
            throw;
        }
    }
}

// Once the first socket is sent, a stop leaves the sockets and their backlogs to the successor.
bool succession::hand_over(hand_over_channel& to) {
    if (!is_trusted(to.user()))
        throw std::runtime_error{"user " + std::to_string(to.user()) +
                                 " asked for the sockets, which only the same user and root get"};
    const std::int64_t successor = to.expect(kind::ask, patience).message.process;
    std::vector<lent_listener> all = actions_.lend(stop_);
    if (!joint_->give())
        throw hand_over_stopped{};
    log_info("handing over to process " + std::to_string(successor) + ": " + list(all));
    send_all(to, all);
    all.clear();
    to.expect(kind::ready, start_patience);
    actions_.leave(stop_);
    log_info("process " + std::to_string(successor) + " has taken over");
    try {
        to.send({.type = kind::done});
    } catch (const hand_over_ended&) { // the successor alone has the sockets now, or it has ended
    }
    return true;
}

void succession::send_all(hand_over_channel& to, std::vector<lent_listener>& all) {
    for (lent_listener& each : all) {
        for (std::size_t sent = 0; sent < each.sockets.size();) {
            const std::size_t count = std::min(each.sockets.size() - sent, hand_over_message::max_sockets);
            std::vector<int> descriptors;
            for (std::size_t i = 0; i < count; ++i)
                descriptors.push_back(each.sockets[sent + i].socket.get());
            const lent_socket& first = each.sockets[sent];
            hand_over_message message{.type = each.name.purpose == listens_for::administration ? kind::admin
                                                                                               : kind::listener,
                                      .number = each.name.number,
                                      .url = each.name.url,
                                      .file = first.file,
                                      .sockets = count};
            if (first.origin == socket_origin::passed)
                message.origin = socket_origin::passed;
            message.ticket_keys = std::exchange(each.ticket_keys, {});
            to.send(message, descriptors);
            sent += count;
        }
    }
    to.send({.type = kind::entrance, .file = entrance_->file.identity(), .sockets = 1}, {entrance_->socket.get()});
    to.send({.type = kind::end, .process = ::getpid()});
}

} // namespace fairlead
