#pragma once

#include "runtime/mailbox.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace fairlead {

/// Passes messages from other threads to a shard. The bytes that wait there are bounded.
///
///     send ──copy──▶ mailbox of the shard ──deliver──▶ send queue
///          on the way: bytes + 128 each                queued
///
/// Thread safety: any thread.
class inlet {
public:
    inlet(std::shared_ptr<mailbox> box, std::size_t most) noexcept : box_{std::move(box)}, most_{most} {}

    /// Returns true if this thread is in a turn of the shard, so that a message may be sent at once.
    bool is_in_turn() const { return box_->is_in_turn(); }

    mailbox& box() const noexcept { return *box_; }

    /// Sets the number of bytes in the send queue behind the inlet.
    void set_queued(std::size_t bytes) noexcept { queued_ = bytes; }

    void set_most(std::size_t bytes) noexcept { most_ = bytes; }

    /// Makes the shard call `deliver` with a copy of the message. Errors: `errc::send_queue_full`;
    /// `errc::closed` if the shard is gone.
    template <class Deliver>
    static result<void> post(const std::shared_ptr<inlet>& through, bytes_view message, Deliver deliver);

private:
    class reservation;

    const std::shared_ptr<mailbox> box_;
    std::atomic<std::size_t> most_; // of `queued_` and `on_the_way_`
    std::atomic<std::size_t> on_the_way_{0};
    std::atomic<std::size_t> queued_{0};
};

/// The share of the limit that a message on its way takes, given back by the destructor.
class inlet::reservation {
public:
    static constexpr std::size_t per_message = 128; // memory of a message beside its bytes

    reservation(std::shared_ptr<inlet> in, std::size_t size) noexcept
        : in_{std::move(in)}, size_{size + per_message}, before_{in_->on_the_way_.fetch_add(size_) +
                                                                 in_->queued_.load()} {}
    reservation(const reservation&) = delete;
    reservation& operator=(const reservation&) = delete;
    ~reservation() { in_->on_the_way_ -= size_; }
    bool fits() const noexcept { return before_ == 0 || before_ + size_ <= in_->most_; }

private:
    std::shared_ptr<inlet> in_;
    std::size_t size_;
    std::size_t before_;
};

template <class Deliver>
result<void> inlet::post(const std::shared_ptr<inlet>& through, bytes_view message, Deliver deliver) {
    std::string copy = to_string(message);
    auto held = std::make_shared<reservation>(through, message.size());
    if (!held->fits()) {
        through->box_->count_refusal();
        return errc::send_queue_full;
    }
    const bool posted =
        through->box_->post([held = std::move(held), copy = std::move(copy), deliver = std::move(deliver)]() mutable {
            held.reset();
            deliver(bytes_view{copy});
        });
    return posted ? result<void>{} : errc::closed;
}

} // namespace fairlead
