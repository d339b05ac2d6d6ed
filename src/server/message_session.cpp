#include "server/message_session.hpp"

#include <exception>

namespace fairlead {

void session_group::message_session::begin(member&& self, handler&& serve) {
    auto made = std::make_unique<message_session>(std::move(self), std::move(serve));
    session_impl& peer = made->self_.peer();
    peer.serve(*made->serve_.per_message());
    wait_or_finish(std::move(made));
}

void session_group::message_session::wait_or_finish(std::unique_ptr<message_session> one) noexcept {
    std::exception_ptr thrown;
    session_impl& peer = one->self_.peer();
    try {
        if (!peer.served())
            return peer.changed().add(*one.release());
    } catch (...) {
        thrown = std::current_exception();
    }
    finish(one->self_, one->serve_, thrown);
}

void session_group::message_session::leave(bool resumed) {
    std::unique_ptr<message_session> self{this};
    if (resumed)
        wait_or_finish(std::move(self));
}

} // namespace fairlead
