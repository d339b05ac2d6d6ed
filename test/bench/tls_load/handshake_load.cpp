#include "tls_load/handshake_load.hpp"

#include <chrono>

namespace fairlead::bench {

namespace {

constexpr std::size_t at_once = 16;
constexpr std::uint64_t warm_up = 100; // handshakes

std::string make_message() {
    std::string frame(4 + 64, 'x');
    frame.replace(0, 4, {0, 0, 0, 64});
    return frame;
}

} // namespace

handshake_load::handshake_load(const target& where, kind of_handshakes, ::pid_t server)
    : where_{where}, kind_{of_handshakes}, server_{server}, message_{make_message()}, places_(at_once) {
    begin(places_.front());
    while (!session_)
        poller_.wait([&](void* whose) { serve(*static_cast<place*>(whose)); });
    for (std::size_t i = 1; i < places_.size(); ++i)
        begin(places_[i]);
}

handshake_load::outcome handshake_load::run(double seconds) {
    using clock = std::chrono::steady_clock;
    const auto serve_some = [&] { poller_.wait([&](void* whose) { serve(*static_cast<place*>(whose)); }); };
    while (done_ < warm_up)
        serve_some();
    const std::uint64_t before = done_;
    const double used = processor_time(server_);
    const auto begun = clock::now();
    std::chrono::duration<double> spent{};
    while ((spent = clock::now() - begun).count() < seconds)
        serve_some();
    require(done_ != before, "there was no handshake");
    return {done_ - before, spent.count(), processor_time(server_) - used};
}

void handshake_load::begin(place& at) {
    at.peer.reset(); // its descriptor is closed first
    at.peer = std::make_unique<far_peer>(where_, kind_ == kind::resumed ? session_.get() : nullptr);
    at.received = 0;
    at.shaken = false;
    poller_.add(at.peer->socket(), &at);
    at.peer->shake_hands();
}

void handshake_load::serve(place& at) {
    if (!at.shaken) {
        at.shaken = at.peer->shake_hands();
        if (at.shaken)
            require(at.peer->write(message_) == message_.size(), "a message was not taken");
        return;
    }
    char input[256];
    while (const std::size_t got = at.peer->read(input, sizeof input))
        at.received += got;
    if (at.received < message_.size())
        return;
    require(kind_ == kind::full || !session_ || at.peer->resumed(), "a session was not resumed");
    if (auto session = at.peer->session(); SSL_SESSION_is_resumable(session.get()))
        session_ = std::move(session);
    require(session_ != nullptr, "the server gave no ticket before its first reply");
    at.peer->say_farewell();
    ++done_;
    begin(at);
}

} // namespace fairlead::bench
