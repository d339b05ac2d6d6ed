#include "datagram/client_target.hpp"

#include "log/log.hpp"

namespace fairlead {

result<void> client_target::send(bytes_view message) {
    if (inlet_.is_in_turn())
        return send_now(message);
    const std::shared_ptr<client_target> self = std::static_pointer_cast<client_target>(shared_from_this());
    return inlet::post({self, &inlet_}, message, [self](bytes_view arrived) {
        if (const auto sent = self->send_now(arrived); !sent)
            log_warning(log_topic::message_dropped,
                        "a datagram to " + self->remote_.to_string() +
                            ", sent through a handle, was dropped: " + sent.error().message());
    });
}

result<void> client_target::send_now(bytes_view message) {
    return client_ ? client_->send(message) : errc::closed;
}

void client_target::close() {
    if (inlet_.is_in_turn())
        return close_now();
    inlet_.box().post([self = shared_from_this(), this] { close_now(); });
}

void client_target::close_now() {
    if (client_)
        client_->close();
}

} // namespace fairlead
