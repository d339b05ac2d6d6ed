#pragma once

#include "poller.hpp"
#include "topics_load/connection.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::bench {

inline std::uint64_t now_ns() {
    ::timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

/// Many subscribers of one topic, and one more that can be stopped; its messages are not counted.
class subscribers {
public:
    static constexpr char topic = 'r', only_of_the_last = 'f';

    subscribers(const protocol& how, const ::sockaddr_in& to, std::size_t count);

    std::size_t count() const { return all_.size(); }

    void expect(std::size_t message); ///< the size of the messages from now on

    /// Waits for bytes at most 100 ms and reads them.
    void read_some();

    /// Messages that have arrived, of all together.
    std::uint64_t delivered() const { return delivered_; }

    /// Microseconds to one in 97 of them, from the time in a message behind its topic; and forgets them.
    std::vector<float> take_delays() { return std::exchange(delays_, {}); }

    void stop_the_last();
    void resume_the_last();

private:
    struct subscriber {
        std::unique_ptr<connection> from;
        bool looks;
        std::size_t left = 0; ///< bytes of what is arriving: a message or an interruption
        bool is_message = false;
        std::string seen = {}; ///< of the message, for one that looks
    };

    void add(const ::sockaddr_in& to, std::size_t count);
    void open(std::span<connection* const> these);
    void read(subscriber& to);
    void take(subscriber& to, std::string_view bytes);
    void note(const subscriber& of);
    void drain_the_last();

    const protocol how_;
    protocol::frame frame_{};
    std::vector<subscriber> all_;
    connection last_;
    poller poller_;
    std::uint64_t delivered_ = 0;
    std::vector<float> delays_;
};

} // namespace fairlead::bench
