#include "server/message_session.hpp"

#include "log/log_exceptions.hpp"

#include <exception>

namespace fairlead {

void session_group::message_session::begin(member self, handler serve) {
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
    const auto group = one->self_.group().keep_alive();
    const std::shared_ptr<session_impl> alive = one->self_.shared_peer();
    group->note_end(one->self_, thrown);
    bool started = false;
    log_exceptions([&] {
        group->start(group->run(std::move(one->self_), std::move(one->serve_)));
        started = true;
    });
    if (!started) // there is no memory for a coroutine
        alive->abort(errc::closed);
}

void session_group::message_session::leave(bool resumed) {
    std::unique_ptr<message_session> self{this};
    if (resumed)
        wait_or_finish(std::move(self));
}

} // namespace fairlead
