#include "base/log.hpp"
#include "session/link.hpp"

namespace fairlead {

session_handle session::handle() {
    if (!link_) {
        link_ = std::make_shared<link>(shard_.inbox(), weak_from_this(), limits_.send_queue_hard);
        link_->queued = output_.size();
        link_->ended = closing_ || send_error_;
    }
    return session_handle{link_};
}

result<void> session_handle::send(bytes_view message) const {
    if (expired())
        return errc::closed;
    const std::size_t before = link_->on_the_way.fetch_add(message.size()) + link_->queued;
    if (before != 0 && before + message.size() > link_->limit) {
        link_->on_the_way -= message.size();
        return errc::send_queue_full;
    }
    const bool posted = link_->inbox->post([link = link_, copy = to_string(message)] {
        link->on_the_way -= copy.size();
        const auto owner = link->owner.lock();
        if (!owner)
            return;
        if (const auto sent = owner->enqueue(copy); !sent)
            log_warning("session " + std::to_string(owner->id()) +
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
