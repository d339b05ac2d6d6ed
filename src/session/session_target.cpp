#include "session/session_target.hpp"

#include "log/log.hpp"

#include <string>
#include <utility>

namespace fairlead {

peer_handle session_impl::handle() {
    if (!handle_) {
        handle_ = std::make_shared<session_target>(shard_.inbox(), *this, limits_->max_write_buffer);
        handle_->set_queued(queued());
        in_place_most_ = 0;
        if (!can_send())
            handle_->set_ended();
    }
    return handle_->handle();
}

result<void> session_target::send(bytes_view message) {
    if (inlet_.is_in_turn()) { // at once, in order with the messages that the session sends itself
        const auto owner = owner_.lock();
        return owner ? owner->send(message) : result<void>{errc::closed};
    }
    const std::shared_ptr<inlet> through{shared_from_this(), &inlet_};
    return inlet::post(through, message, [owned = owner_](bytes_view arrived) {
        const auto owner = owned.lock();
        if (!owner)
            return;
        if (const auto sent = owner->enqueue(arrived); !sent)
            log_warning(log_topic::message_dropped,
                        "session " + std::to_string(owner->id()) +
                            ": a message sent through a handle was dropped: " + sent.error().message(),
                        {.session = owner->id(), .peer = owner->remote().to_string()});
    });
}

// Does `work` at once in a turn of the shard, as `send`; else posts it.
template <class Work>
void session_target::run(Work work) {
    const auto on_owner = [owned = owner_, work] {
        if (const auto owner = owned.lock())
            work(*owner);
    };
    if (inlet_.is_in_turn())
        on_owner();
    else
        inlet_.box().post(on_owner);
}

void session_target::close() {
    run([](session_impl& owner) { owner.close(); });
}

void session_target::abort(error_code why) {
    run([why](session_impl& owner) { owner.abort(why); });
}

} // namespace fairlead
