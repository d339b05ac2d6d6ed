#include "log/log.hpp"
#include "session/handle_state.hpp"

namespace fairlead {

namespace {

// What a message on its way costs beside its bytes.
constexpr std::size_t per_message = 128;

} // namespace

session_handle session::handle() {
    if (!link_) {
        link_ = std::make_shared<handle_state>(shard_.inbox(), weak_from_this(), limits_->max_write_buffer);
        link_->queued = queued();
        link_->ended = closing_ || send_error_;
    }
    return session_handle{link_};
}

/// The share of the send queue that a message on its way takes; given back when it goes.
class session::handle_state::reservation {
public:
    reservation(std::shared_ptr<handle_state> of, std::size_t size) noexcept : link_{std::move(of)}, size_{size} {
        before_ = link_->on_the_way.fetch_add(size_) + link_->queued;
    }
    reservation(reservation&& other) noexcept
        : link_{std::move(other.link_)}, size_{other.size_}, before_{other.before_} {}
    ~reservation() {
        if (link_)
            link_->on_the_way -= size_;
    }
    bool fits() const noexcept { return before_ == 0 || before_ + size_ <= link_->limit; }

private:
    std::shared_ptr<handle_state> link_;
    std::size_t size_;
    std::size_t before_;
};

result<void> session_handle::send(bytes_view message) const {
    if (expired())
        return errc::closed;
    std::string copy = to_string(message);
    auto reservation = std::make_shared<session::handle_state::reservation>(link_, message.size() + per_message);
    if (!reservation->fits())
        return errc::send_queue_full;
    const bool posted = link_->inbox->post([link = link_, reservation, copy = std::move(copy)]() mutable {
        reservation.reset();
        const auto owner = link->owner.lock();
        if (!owner)
            return;
        if (const auto sent = owner->enqueue(copy); !sent)
            log_warning(log_topic::message_dropped,
                        "session " + std::to_string(owner->id()) +
                            ": a message sent through a handle was dropped: " + sent.error().message());
    });
    return posted ? result<void>{} : errc::closed;
}

void session_handle::close() const {
    link_->inbox->post([link = link_] {
        if (const auto owner = link->owner.lock())
            owner->close();
    });
}

bool session_handle::expired() const noexcept {
    return link_->ended;
}

} // namespace fairlead
