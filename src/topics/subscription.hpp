#pragma once

#include "core/intrusive_list.hpp"
#include "session/session_watcher.hpp"
#include "topics/message_mark.hpp"
#include "topics/topic_message.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/topics.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace fairlead {

class session_impl;
class topic_group;

/// The subscription of one session to one topic. A process has very many of them: 88 bytes, and those of the name.
///
///     in time ──the transport takes no more, and the message does not fit──▶ behind ──catch_up()──▶ in time
///
/// Thread safety: the thread of its session; `name` also under the lock of the topic.
class subscription final : public session_watcher, public list_hook<subscription> {
public:
    /// Errors: throws std::bad_alloc.
    subscription(session_impl& peer, topic_group& group, const subscription_options& how, std::uint32_t after);

    /// Changes the options; under the lock of the topic. Errors: throws std::bad_alloc, nothing is changed.
    void set(const subscription_options& how);

    session_impl& peer() const noexcept { return peer_; }
    topic_group& group() const noexcept { return group_; }
    std::string_view name() const noexcept { return name_ ? std::string_view{name_.get()} : std::string_view{}; }

    /// Returns true for a message that was published after this was made.
    bool wants(std::uint32_t number) const noexcept { return since_.is_before(number); }

    void follow(std::uint32_t number) noexcept { since_.follow(number); } ///< see `message_mark`

    /// The outcome for a message.
    enum class fate : std::uint8_t { queued, waits, slow, replaced, closed, refused };

    /// Sends a message to the session. If the session is slow, does as `when_slow` says. `frame`: the bytes as
    /// the session would encode them; null if the session must encode the message.
    fate give_one(topic_message& message, const bytes_view* frame);

    bool is_behind() const noexcept override { return missed_ != 0 || latest_ != nullptr; }
    void catch_up() override;
    void on_session_end() noexcept override;

private:
    bool is_slow(std::size_t size) const noexcept;
    fate pass_over(topic_message& message);

    session_impl& peer_;
    topic_group& group_;
    topic_message::pointer latest_;
    std::unique_ptr<char[]> name_; // ends with NUL; null: none
    message_mark since_;
    std::uint32_t missed_ = 0;
    std::uint32_t max_queued_ = 0;
    std::uint32_t when_slow_ : 2 = 0;
    std::uint32_t max_stall_ : 30 = 0; // milliseconds
};

static_assert(sizeof(subscription) <= 88, "with the 8 bytes of the heap a subscription takes 96");

} // namespace fairlead
