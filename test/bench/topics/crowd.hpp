#pragma once

#include "support/test_stream.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/runtime.hpp>
#include <fairlead/session.hpp>
#include <fairlead/topics.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <ctime>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::bench {

using steady = std::chrono::steady_clock;

inline std::uint64_t now() {
    return static_cast<std::uint64_t>(steady::now().time_since_epoch().count());
}

inline double thread_seconds() {
    std::timespec spent{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return double(spent.tv_sec) + double(spent.tv_nsec) * 1e-9;
}

/// What the subscribers of one shard have got. Written by the thread of the shard.
struct alignas(64) arrivals {
    std::atomic<std::uint64_t> bytes{0};
    std::vector<std::uint64_t> delays; // nanoseconds from `publish` to the write, of some subscribers

    void add(std::size_t size) { bytes.store(bytes.load(std::memory_order_relaxed) + size, std::memory_order_release); }
};

/// A peer in memory that costs next to nothing; a stopped one takes no bytes. One that looks reads the time in each message.
class counting_stream : public test::test_stream {
public:
    enum class kind { counts, looks, stopped };

    counting_stream(arrivals& to, std::size_t frame, kind what) : to_{to}, frame_{frame}, kind_{what} {}

    result<std::size_t> try_fill(byte_buffer&, std::size_t) override { return errc::would_block; }
    result<std::size_t> try_write(bytes_view bytes) override { return try_write_both(bytes, {}); }
    result<std::size_t> try_write_both(bytes_view head, bytes_view body) override {
        if (kind_ == kind::stopped)
            return errc::would_block;
        if (kind_ == kind::looks)
            look(head);
        to_.add(head.size() + body.size());
        return head.size() + body.size();
    }

private:
    void look(bytes_view frames) {
        const std::uint64_t arrived = now();
        for (std::size_t at = 0; at + frame_ <= frames.size(); at += frame_) {
            std::uint64_t sent = 0;
            std::memcpy(&sent, frames.data() + at + 4, sizeof sent);
            to_.delays.push_back(arrived - sent);
        }
    }

    arrivals& to_;
    const std::size_t frame_;
    const kind kind_;
};

/// Sessions on two shards, which run on threads of their own.
class crowd {
public:
    static constexpr std::size_t shards = 2;

    crowd(std::size_t size, std::size_t message, bool one_is_stopped)
        : frame_{message + 4}, reading_{size - one_is_stopped}, thread_{[this] { runtime_.run(); }} {
        for (std::size_t i = 0; i < shards; ++i) {
            on(i, [&, i] {
                for (std::size_t n = i; n < size; n += shards) {
                    const auto kind = one_is_stopped && n == size / 2 ? counting_stream::kind::stopped
                                      : n % 97 == 0                   ? counting_stream::kind::looks
                                                                      : counting_stream::kind::counts;
                    auto one =
                        session::create(runtime_[i], std::make_unique<counting_stream>(arrived_[i], frame_, kind),
                                        length_prefixed{}, bounds());
                    rooms_.subscribe(*one, "room");
                    handles_.push_back(one->handle());
                    sessions_[i].push_back(std::move(one));
                }
            });
        }
    }
    crowd(const crowd&) = delete;
    crowd& operator=(const crowd&) = delete;
    ~crowd() {
        for (std::size_t i = 0; i < shards; ++i)
            on(i, [&, i] { sessions_[i].clear(); });
        runtime_.stop();
        thread_.join();
    }

    topics& rooms() { return rooms_; }
    const std::vector<peer_handle>& handles() const { return handles_; }

    /// Messages that all subscribers have got.
    double delivered() const {
        std::uint64_t sum = 0;
        for (const arrivals& each : arrived_)
            sum += each.bytes.load(std::memory_order_acquire);
        return double(sum) / double(frame_);
    }
    std::size_t reading() const { return reading_; }

    /// The seconds that the threads of the shards have worked.
    double spent() {
        double sum = 0;
        for (std::size_t i = 0; i < shards; ++i)
            on(i, [&] { sum += thread_seconds(); });
        return sum;
    }

    std::vector<std::uint64_t> take_delays() {
        std::vector<std::uint64_t> all;
        for (std::size_t i = 0; i < shards; ++i) {
            on(i, [&, i] {
                all.insert(all.end(), arrived_[i].delays.begin(), arrived_[i].delays.end());
                arrived_[i].delays.clear();
            });
        }
        std::sort(all.begin(), all.end());
        return all;
    }

private:
    static limits bounds() {
        limits found;
        found.first_message_timeout = found.idle_timeout = found.write_timeout = std::chrono::milliseconds{0};
        return found;
    }

    template <class Work>
    void on(std::size_t shard, Work work) {
        std::promise<void> done;
        boost::asio::post(runtime_[shard].get_executor(), [&] {
            work();
            done.set_value();
        });
        done.get_future().wait();
    }

    topics rooms_;
    runtime runtime_{shards};
    const std::size_t frame_;
    const std::size_t reading_;
    arrivals arrived_[shards];
    std::vector<std::shared_ptr<session>> sessions_[shards];
    std::vector<peer_handle> handles_;
    std::thread thread_;
};

} // namespace fairlead::bench
