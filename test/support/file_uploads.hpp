#pragma once

#include "file_transfer/receiver_protocol.hpp"
#include "support/fake_storage.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <cstddef>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::test {

inline endpoint ipv4(const char* text) {
    ::sockaddr_in raw{};
    raw.sin_family = AF_INET;
    ::inet_pton(AF_INET, text, &raw.sin_addr);
    return {reinterpret_cast<const ::sockaddr*>(&raw), sizeof raw};
}

/// A receiver on a disk in memory, and a time that only tests move.
struct fake_receiver {
    explicit fake_receiver(file_receiver_options options = {.min_free_space = 0})
        : state{std::move(options), std::make_unique<fake_storage>()}, disk{dynamic_cast<fake_storage&>(*state.disk)} {}

    file_transfer::receiver_state state;
    fake_storage& disk;
    std::chrono::steady_clock::time_point now{std::chrono::hours{1}};
};

/// One connection to it.
class fake_sender {
public:
    explicit fake_sender(fake_receiver& to, const endpoint& from = {}) : to_{to}, connection_{to.state, from} {}

    /// Calls the hooks that run beside a connection.
    void run_hooks() {
        for (const auto& each : connection_.to_judge())
            connection_.take_verdicts({file_transfer::judge(to_.state.options, each)});
        for (const auto& each : connection_.notices())
            file_transfer::tell(to_.state.options, each);
    }

    /// Gives one message and what it is answered, all as the bytes they are on the way.
    std::vector<file_transfer::message> say(const file_transfer::message& what) {
        connection_.take(file_transfer::write_message(what), to_.now);
        connection_.look_at_time(to_.now);
        connection_.settle(to_.now);
        run_hooks();
        return connection_.replies();
    }

    std::vector<file_transfer::message> say_bytes(bytes_view bytes) {
        connection_.take(bytes, to_.now);
        connection_.look_at_time(to_.now);
        connection_.settle(to_.now);
        run_hooks();
        return connection_.replies();
    }

    /// Several messages that are worked on together.
    std::vector<file_transfer::message> say_together(const std::vector<file_transfer::message>& all) {
        for (const auto& each : all)
            connection_.take(file_transfer::write_message(each), to_.now);
        connection_.look_at_time(to_.now);
        connection_.settle(to_.now);
        run_hooks();
        return connection_.replies();
    }

    /// Gives one message, and has nothing done yet of what takes long.
    void begin_to_say(const file_transfer::message& what) {
        connection_.take(file_transfer::write_message(what), to_.now);
    }

    bool waits_for_the_disk() const { return connection_.reading(); }

    /// Reads one turn of what its offer is compared with; gives how many bytes.
    std::uint64_t read_one_turn() { return connection_.read_on(connection_.turn(), to_.now); }

    std::vector<file_transfer::message> replies() { return connection_.replies(); }

    /// Says nothing while time passes.
    std::vector<file_transfer::message> keep_silent() {
        connection_.look_at_time(to_.now);
        return connection_.replies();
    }

    /// Whether it is to be looked at though it says nothing.
    bool is_watched() const { return connection_.next_look().has_value(); }

    bool broken() const noexcept { return connection_.broken(); }

private:
    fake_receiver& to_;
    file_transfer::receiver_protocol connection_;
};

inline file_transfer::piece piece_of(file_transfer::file_id id, std::uint64_t offset, std::string_view bytes) {
    return {.id = id, .offset = offset, .check = file_transfer::check_of(bytes), .bytes = bytes};
}

inline file_transfer::finish end_of(file_transfer::file_id id, std::string_view whole) {
    return {.id = id, .size = whole.size(), .hash = file_transfer::digest_of(whole)};
}

} // namespace fairlead::test
