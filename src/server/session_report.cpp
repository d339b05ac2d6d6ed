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

double age_of(const session_impl& peer, ticks now) {
    return std::chrono::duration<double>(now - peer.began()).count();
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
    std::snprintf(age, sizeof age, "%.1f", age_of(peer, now));
    const auto [state, waits_for] = words_for(peer);
    return "session " + std::to_string(peer.id()) + " " + peer.remote().to_string() + " age=" + age +
           "s state=" + state + " queued=" + std::to_string(peer.queued()) + " waits_for=" + waits_for;
}

session_rank rank_of(const session_impl& peer, session_field field, ticks now) {
    const auto by = [&peer](auto number) {
        return session_rank{.number = static_cast<double>(number), .id = peer.id()};
    };
    switch (field) {
    case session_field::age: return by(age_of(peer, now));
    case session_field::queued: return by(peer.queued());
    case session_field::messages_in: return by(peer.counts().messages_in);
    case session_field::messages_out: return by(peer.counts().messages_out);
    case session_field::bytes_in: return by(peer.counts().bytes_in);
    case session_field::bytes_out: return by(peer.counts().bytes_out);
    default: return by(0);
    }
}

session_row full_row(const session_impl& peer, const std::shared_ptr<const std::string>& listener, ticks now) {
    session_row row;
    row.id = peer.id();
    row.age = age_of(peer, now);
    row.queued = peer.queued();
    row.counts = peer.counts();
    const endpoint remote = peer.remote();
    row.listener = listener ? *listener : "";
    row.remote = remote.to_string();
    row.transport = transport_name(remote.transport());
    const auto [state, waits_for] = words_for(peer);
    row.state = state;
    row.waits_for = waits_for;
    return row;
}

} // namespace fairlead
