#include "server/session_report.hpp"

#include <cstdio>

namespace fairlead {

namespace {

struct phase_words {
    const char* state;
    const char* waits_for;
};

phase_words words_for(const session_impl& peer) {
    switch (peer.phase()) {
    case session_phase::handling: return {"handling", "handler"};
    case session_phase::receiving: return {"receiving", peer.inside_message() ? "rest_of_message" : "message"};
    case session_phase::held_back: return {"held_back", "peer_to_read"};
    case session_phase::flushing: return {"flushing", "peer_to_read"};
    case session_phase::lingering: break;
    }
    return {"lingering", "peer_to_end"};
}

const char* transport_name(transport carried) {
    switch (carried) {
    case transport::tcp: return "tcp";
    case transport::udp: return "udp";
    case transport::unix_stream: break;
    }
    return "unix";
}

} // namespace

std::string report_line(const session_impl& peer, ticks now) {
    char age[32];
    std::snprintf(age, sizeof age, "%.1f", std::chrono::duration<double>(now - peer.began()).count());
    const auto [state, waits_for] = words_for(peer);
    return "session " + std::to_string(peer.id()) + " " + peer.remote().to_string() + " age=" + age +
           "s state=" + state + " queued=" + std::to_string(peer.queued()) + " waits_for=" + waits_for;
}

session_row numbers_of(const session_impl& peer, ticks now) {
    session_row row;
    row.id = peer.id();
    row.age = std::chrono::duration<double>(now - peer.began()).count();
    row.queued = peer.queued();
    row.counts = peer.counts();
    return row;
}

session_row full_row(const session_impl& peer, const std::shared_ptr<const std::string>& listener, ticks now) {
    session_row row = numbers_of(peer, now);
    const endpoint remote = peer.remote();
    row.listener = listener ? *listener : "";
    row.remote = remote.to_string();
    row.transport = transport_name(remote.transport());
    row.tls = peer.tls();
    const auto [state, waits_for] = words_for(peer);
    row.state = state;
    row.waits_for = waits_for;
    return row;
}

} // namespace fairlead
