#include "load/stream_lane.hpp"

#include "load/load_worker.hpp"

#include "quantity.hpp"

#include <fairlead/connect.hpp>

#include <bit>
#include <limits>
#include <utility>

namespace fairlead::command {

namespace {

using namespace std::chrono_literals;

constexpr reconnect_options pauses{.initial_delay = 50ms, .max_delay = 1s, .reset_after = 2s};

// The plan limits the time for a reply and the messages under way, so the session does not.
connect_options options_for(const load_plan& plan, const url& target) {
    constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
    connect_options options{.deadline = plan.stream_timeout};
    options.limits = {.write_high_watermark = unlimited,
                      .max_write_buffer = unlimited,
                      .first_message_timeout = 0ms,
                      .message_timeout = 0ms,
                      .idle_timeout = 0ms,
                      .write_timeout = 0ms,
                      .linger_timeout = 1s};
    if (target.tls)
        options.tls = plan.tls;
    return options;
}

} // namespace

stream_lane::stream_lane(load_worker& owner, std::size_t id)
    : owner_{owner}, id_{id}, raw_{owner.plan().is_raw()}, backoff_{pauses, id},
      pending_(std::bit_ceil(owner.plan().pipeline)) {}

boost::asio::awaitable<void> stream_lane::run() {
    const load_plan& plan = owner_.plan();
    const connect_options options = options_for(plan, plan.target(id_));
    co_await owner_.pause_until(owner_.control().start() + connection_start(id_, plan.connections, plan.ramp_up));
    for (bool first = true; !owner_.is_over(clock::now()); first = false) {
        auto server = co_await connect(owner_.home(), plan.target(id_), plan.rules, options);
        if (!server) {
            owner_.note_not_connected(id_, server.error(), first);
            co_await owner_.pause_until(clock::now() + backoff_.next());
            continue;
        }
        owner_.note_connected();
        backoff_.connected(clock::now());
        const bool ended_well = co_await converse(std::move(*server));
        if (!ended_well) {
            backoff_.ended(clock::now());
            co_await owner_.pause_until(clock::now() + backoff_.next());
        }
    }
}

// Returns true if this side ended the connection.
boost::asio::awaitable<bool> stream_lane::converse(std::shared_ptr<session> server) {
    const load_worker::presence here{owner_, session_, *server};
    first_ = answered_ = sent_;
    part_ = 0;
    overdue_ = false;
    auto now = clock::now();
    send_more(now);
    while (!is_done(now)) {
        const auto reply = co_await server->receive();
        now = clock::now();
        if (!reply) {
            if (is_done(now))
                break;
            note_end(*server, reply.error());
            co_return false;
        }
        take(*reply, now);
        while (const auto next = server->try_receive())
            take(*next, now);
        send_more(now);
    }
    co_await server->close_gracefully();
    co_return true;
}

bool stream_lane::has_room() const noexcept {
    const load_plan& plan = owner_.plan();
    return session_ && waiting() < plan.pipeline && (plan.churn == 0 || sent_ - first_ < plan.churn);
}

// Returns true once all messages of this connection were sent and answered.
bool stream_lane::is_done(time_point now) const noexcept {
    const std::size_t churn = owner_.plan().churn;
    return waiting() == 0 && (owner_.is_over(now) || (churn != 0 && sent_ - first_ >= churn));
}

void stream_lane::send_more(time_point now) {
    if (owner_.sends_by_rate())
        return owner_.offer(*this, now);
    if (owner_.is_over(now))
        return;
    for (std::size_t left = load_worker::burst; left != 0 && has_room(); --left) // replies send the rest
        send(now, now);
}

// If the connection has ended, `converse` notes the reason.
void stream_lane::send(time_point due, time_point now) {
    place(sent_) = {due, now};
    static_cast<void>(session_->send(owner_.messages().message(id_, sent_)));
    ++sent_;
}

void stream_lane::take(bytes_view reply, time_point now) {
    if (!raw_)
        return take_whole(reply, now);
    while (!reply.empty())
        take_part(reply, now);
}

void stream_lane::take_whole(bytes_view reply, time_point now) {
    if (waiting() == 0) {
        owner_.counts().note(load_error::unexpected, 1,
                             [&] { return owner_.named(id_, count(reply.size(), "byte", "bytes")); });
        return;
    }
    const bytes_view message = owner_.messages().message(id_, answered_);
    if (owner_.plan().check) {
        if (const auto wrong = difference(message, reply))
            note_wrong(*wrong);
    }
    answered(now, message.size(), reply.size());
}

// Without a framing, a reply is as many bytes as its message has.
void stream_lane::take_part(bytes_view& bytes, time_point now) {
    if (waiting() == 0) {
        owner_.counts().note(load_error::unexpected, 1,
                             [&] { return owner_.named(id_, count(bytes.size(), "byte", "bytes")); });
        bytes = {};
        return;
    }
    const bytes_view message = owner_.messages().message(id_, answered_);
    const bytes_view part = bytes.first(message.size() - part_);
    bytes = bytes.from(part.size());
    if (owner_.plan().check && !part_wrong_) {
        if (const auto wrong = difference_in_part(message, part, part_)) {
            part_wrong_ = true;
            note_wrong(*wrong);
        }
    }
    part_ += part.size();
    if (part_ < message.size())
        return;
    part_ = 0;
    part_wrong_ = false;
    answered(now, message.size(), message.size());
}

void stream_lane::answered(time_point now, std::size_t sent, std::size_t received) {
    owner_.note_reply(place(answered_).due, now, sent, received);
    ++answered_;
}

void stream_lane::sweep(time_point now) {
    if (!session_ || waiting() == 0 || overdue_ || given_up_ ||
        now - place(answered_).sent <= owner_.plan().stream_timeout)
        return;
    overdue_ = true;
    owner_.counts().note(load_error::timed_out, 1,
                         [this] { return owner_.named(id_, "message " + std::to_string(answered_ + 1)); });
    session_->abort(errc::timed_out);
}

void stream_lane::stop() {
    if (session_ && waiting() == 0)
        session_->close();
}

void stream_lane::give_up() {
    if (!session_)
        return;
    given_up_ = true;
    session_->abort(errc::closed);
}

void stream_lane::note_end(const session& server, error_code why_none) {
    const auto why = [&] {
        return owner_.named(id_, why_none == errc::closed ? "the server closed the connection"
                                                          : server.close_reason().message());
    };
    if (!overdue_ && !given_up_)
        owner_.counts().note(load_error::broken, 1, why);
    if (!given_up_)
        owner_.counts().note(load_error::lost, waiting() - (overdue_ ? 1 : 0), why);
    answered_ = sent_;
}

void stream_lane::note_wrong(const std::string& how) {
    owner_.counts().note(load_error::wrong, 1,
                         [&] { return owner_.named(id_, "message " + std::to_string(answered_ + 1) + ": " + how); });
}

} // namespace fairlead::command
