#include "tls_load/message_load.hpp"

#include <algorithm>
#include <cstring>

namespace fairlead::bench {

namespace {

constexpr std::size_t input_size = 256 * 1024;
constexpr std::chrono::seconds patience{20};

std::string make_frame(std::size_t size) {
    std::string frame;
    for (int shift = 24; shift >= 0; shift -= 8)
        frame.push_back(static_cast<char>(size >> shift & 0xFF));
    for (std::size_t i = 0; i < size; ++i)
        frame.push_back(static_cast<char>(i * 131 >> 3));
    return frame;
}

} // namespace

message_load::message_load(const target& where, const plan& how) : how_{how}, input_(input_size) {
    const std::string frame = make_frame(how.size);
    frame_size_ = frame.size();
    while (pattern_.size() < std::max(frame_size_ * (how.depth + 1), input_size + frame_size_))
        pattern_ += frame;
    for (unsigned i = 0; i < how.connections; ++i) {
        connection& made = *connections_.emplace_back(std::make_unique<connection>(where, how.depth));
        poller_.add(made.peer.socket(), &made);
        serve(made); // begins the handshake
    }
}

message_load::outcome message_load::run() {
    const auto seconds = [](double value) {
        return std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>{value});
    };
    wait_for_replies();
    run_until(clock::now() + seconds(how_.warm_up));
    seen_ = {};
    const auto begin = clock::now();
    const double server = processor_time(how_.server), own = processor_time(0);
    run_until(begin + seconds(how_.seconds));
    seen_.server_ns = processor_time(how_.server) - server;
    seen_.own_ns = processor_time(0) - own;
    seen_.seconds = std::chrono::duration<double>{clock::now() - begin}.count();
    require(seen_.replies != 0, "there was no reply");
    return std::move(seen_);
}

void message_load::wait_for_replies() {
    const auto end = clock::now() + patience;
    const auto has_reply = [](const auto& each) { return each->answered != 0; };
    while (!std::ranges::all_of(connections_, has_reply)) {
        require(clock::now() < end, "a connection has no reply");
        serve_ready();
    }
}

void message_load::run_until(clock::time_point end) {
    while (clock::now() < end)
        serve_ready();
}

void message_load::serve_ready() {
    poller_.wait([&](void* whose) { serve(*static_cast<connection*>(whose)); });
}

void message_load::serve(connection& of) {
    if (!of.shaken) {
        of.shaken = of.peer.shake_hands();
        if (of.shaken)
            send(of, how_.depth);
        return;
    }
    read(of);
    flush(of);
}

void message_load::read(connection& of) {
    while (const std::size_t got = of.peer.read(input_.data(), input_.size())) {
        require(std::memcmp(input_.data(), pattern_.data() + of.received % frame_size_, got) == 0, "a reply is wrong");
        of.received += got;
    }
    const std::uint64_t new_replies = of.received / frame_size_ - of.answered;
    if (new_replies == 0)
        return;
    const auto now = clock::now();
    for (std::uint64_t i = 0; i < new_replies; ++i)
        answered(of, now);
    send(of, new_replies);
}

void message_load::answered(connection& of, clock::time_point now) {
    const std::chrono::duration<float, std::micro> latency = now - of.sent_at[of.answered % how_.depth];
    seen_.latencies.push_back(latency.count());
    ++of.answered;
    ++seen_.replies;
}

void message_load::send(connection& of, std::uint64_t messages) {
    const auto now = clock::now();
    for (std::uint64_t i = 0; i < messages; ++i)
        of.sent_at[of.sent++ % how_.depth] = now;
    of.unsent += messages * frame_size_;
    flush(of);
}

void message_load::flush(connection& of) {
    while (of.unsent != 0) {
        const std::size_t put = of.peer.write({pattern_.data() + of.next, of.unsent});
        if (put == 0)
            break;
        of.unsent -= put;
        of.next = (of.next + put) % frame_size_;
    }
    if (of.awaits_room != (of.unsent != 0)) {
        of.awaits_room = !of.awaits_room;
        poller_.change(of.peer.socket(), &of, of.awaits_room);
    }
}

} // namespace fairlead::bench
