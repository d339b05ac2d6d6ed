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

} // namespace

std::string report_line(const session_impl& peer, ticks now) {
    char age[32];
    std::snprintf(age, sizeof age, "%.1f", std::chrono::duration<double>(now - peer.began()).count());
    const auto [state, waits_for] = words_for(peer);
    return "session " + std::to_string(peer.id()) + " " + peer.remote().to_string() + " age=" + age +
           "s state=" + state + " queued=" + std::to_string(peer.queued()) + " waits_for=" + waits_for;
}

} // namespace fairlead
