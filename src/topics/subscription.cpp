#include "topics/subscription.hpp"

#include "log/log_exceptions.hpp"
#include "session/session_impl.hpp"
#include "topics/topic.hpp"
#include "topics/topics_core.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace fairlead {

namespace {

template <class From>
std::uint32_t at_most(From value, std::uint32_t most) {
    return static_cast<std::uint32_t>(std::clamp<From>(value, 0, most));
}

} // namespace

subscription::subscription(session_impl& peer, topic_group& group, const subscription_options& how, std::uint32_t after)
    : peer_{peer}, group_{group}, since_{after} {
    set(how);
}

void subscription::set(const subscription_options& how) {
    std::unique_ptr<char[]> name;
    if (!how.name.empty()) {
        name = std::make_unique<char[]>(how.name.size() + 1);
        std::memcpy(name.get(), how.name.data(), how.name.size());
    }
    name_.swap(name);
    max_queued_ = at_most(how.max_queued, std::numeric_limits<std::uint32_t>::max());
    max_stall_ = at_most(how.max_stall.count(), (1u << 30) - 1) & ((1u << 30) - 1);
    when_slow_ = static_cast<std::uint32_t>(how.when_slow) & 3u;
}

// A subscription stays behind until the transport has taken all bytes, so that the missed messages are one gap.
bool subscription::is_slow(std::size_t size) const noexcept {
    return is_behind() || peer_.queued() + size > max_queued_ ||
           (max_stall_ != 0 && peer_.stalled() > std::chrono::milliseconds{max_stall_});
}

subscription::fate subscription::give_one(topic_message& message, const bytes_view* frame) {
    const std::size_t size = frame ? frame->size() : message.bytes().size();
    if (peer_.blocked() && is_slow(size))
        return pass_over(message);
    const auto sent = frame ? peer_.send_encoded(*frame, 1) : peer_.enqueue(message.bytes());
    return sent ? fate::queued : fate::refused;
}

subscription::fate subscription::pass_over(topic_message& message) {
    switch (static_cast<slow_subscriber>(when_slow_)) {
    case slow_subscriber::keep_latest:
        return std::exchange(latest_, topic_message::pointer{&message}) ? fate::replaced : fate::waits;
    case slow_subscriber::close: peer_.abort(errc::send_queue_full); return fate::closed;
    default: missed_ += missed_ != std::numeric_limits<std::uint32_t>::max(); return fate::slow;
    }
}

void subscription::catch_up() {
    const topic& of = group_.part().of();
    if (const auto latest = std::exchange(latest_, nullptr)) {
        result<void> sent = errc::closed;
        log_exceptions([&] { sent = peer_.enqueue(latest->bytes()); });
        (sent ? of.counts.delivered : of.counts.refused).add();
    }
    if (missed_ != 0)
        of.core.tell_lagged(peer_, of, missed_);
}

void subscription::on_session_end() noexcept {
    group_.part().of().core.leave(*this);
}

} // namespace fairlead
