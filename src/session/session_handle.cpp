#include "log/log.hpp"
#include "session/session_handle_state.hpp"

namespace fairlead {

namespace {

// What a message on its way costs beside its bytes.
constexpr std::size_t per_message = 128;

} // namespace

session_handle session_impl::handle() {
    if (!handle_) {
        handle_ = std::make_shared<session_handle_state>(shard_.inbox(), *this, limits_->max_write_buffer);
        handle_->queued = queued();
        handle_->ended = sending_ != send_state::open;
    }
    return session_handle{handle_};
}

/// The share of the send queue that a message on its way takes; given back when it goes.
class session_handle_state::reservation {
public:
    reservation(std::shared_ptr<session_handle_state> of, std::size_t size) noexcept
        : state_{std::move(of)}, size_{size} {
        before_ = state_->on_the_way.fetch_add(size_) + state_->queued;
    }
    reservation(reservation&& other) noexcept
        : state_{std::move(other.state_)}, size_{other.size_}, before_{other.before_} {}
    ~reservation() {
        if (state_)
            state_->on_the_way -= size_;
    }
    bool fits() const noexcept { return before_ == 0 || before_ + size_ <= state_->limit; }

private:
    std::shared_ptr<session_handle_state> state_;
    std::size_t size_;
    std::size_t before_;
};

result<void> session_handle::send(bytes_view message) const {
    if (expired())
        return errc::closed;
    if (state_->inbox->is_in_turn()) { // at once, so that it keeps its place among what the session sends itself
        const auto owner = state_->owner.lock();
        return owner ? owner->send(message) : result<void>{errc::closed};
    }
    std::string copy = to_string(message);
    auto reservation = std::make_shared<session_handle_state::reservation>(state_, message.size() + per_message);
    if (!reservation->fits()) {
        state_->inbox->count_refusal();
        return errc::send_queue_full;
    }
    const bool posted = state_->inbox->post([state = state_, reservation, copy = std::move(copy)]() mutable {
        reservation.reset();
        const auto owner = state->owner.lock();
        if (!owner)
            return;
        if (const auto sent = owner->enqueue(copy); !sent)
            log_warning(log_topic::message_dropped,
                        "session " + std::to_string(owner->id()) +
                            ": a message sent through a handle was dropped: " + sent.error().message());
    });
    return posted ? result<void>{} : errc::closed;
}

// Done at once in a turn of the shard, as `send`.
template <class Work>
void session_handle::run(Work work) const {
    if (!state_)
        return;
    const auto on_owner = [state = state_, work] {
        if (const auto owner = state->owner.lock())
            work(*owner);
    };
    if (state_->inbox->is_in_turn())
        on_owner();
    else
        state_->inbox->post(on_owner);
}

void session_handle::close() const {
    run([](session_impl& owner) { owner.close(); });
}

void session_handle::abort(error_code why) const {
    run([why](session_impl& owner) { owner.abort(why); });
}

std::uint64_t session_handle::id() const noexcept {
    return state_ ? state_->id : 0;
}

endpoint session_handle::remote() const {
    return state_ ? state_->remote : endpoint{};
}

bool session_handle::expired() const noexcept {
    return !state_ || state_->ended;
}

} // namespace fairlead
