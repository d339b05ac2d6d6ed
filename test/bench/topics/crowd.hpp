#pragma once

#include "runtime/shard_core.hpp"
#include "support/test_stream.hpp"
#include "topics/far_reader.hpp"
#include "transport/socket_stream.hpp"

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

inline double thread_seconds() {
    std::timespec spent{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return double(spent.tv_sec) + double(spent.tv_nsec) * 1e-9;
}

/// A peer in memory that costs next to nothing; a stopped one takes no bytes. One that looks reads the time in each message.
class counting_stream : public test::test_stream {
public:
    counting_stream(arrivals& to, std::size_t frame, kind what) : to_{to}, frame_{frame}, kind_{what} {}

    result<std::size_t> try_fill(byte_buffer&, std::size_t) override { return errc::would_block; }
    result<std::size_t> try_write(bytes_view bytes) override { return try_write_both(bytes, {}); }
    result<std::size_t> try_write_both(bytes_view head, bytes_view body) override {
        if (kind_ == kind::stopped)
            return errc::would_block;
        if (kind_ == kind::looks)
            to_.look(head, frame_);
        to_.add(head.size() + body.size());
        return head.size() + body.size();
    }

private:
    arrivals& to_;
    const std::size_t frame_;
    const kind kind_;
};

/// Sessions on two shards, which run on threads of their own.
class crowd {
public:
    static constexpr std::size_t shards = 2;

    enum class transport { memory, sockets };

    crowd(std::size_t size, std::size_t message, transport over, bool one_is_stopped)
        : over_{over}, frame_{message + 4}, reading_{size - one_is_stopped}, far_{frame_}, thread_{[this] {
              runtime_.run();
          }} {
        for (std::size_t i = 0; i < shards; ++i) {
            on(i, [&, i] {
                for (std::size_t n = i; n < size; n += shards) {
                    const kind what = one_is_stopped && n == size / 2 ? kind::stopped
                                      : n % 97 == 0                   ? kind::looks
                                                                      : kind::counts;
                    auto one = session::create(runtime_[i], connect(i, what), length_prefixed{}, bounds());
                    rooms_.subscribe(*one, "room");
                    handles_.push_back(one->handle());
                    sessions_[i].push_back(std::move(one));
                }
            });
        }
        far_.start();
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
        std::uint64_t sum = far_.arrived.bytes.load(std::memory_order_acquire);
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
        for (arrivals* const each : {&arrived_[0], &arrived_[1], &far_.arrived}) {
            const std::lock_guard lock{each->mutex};
            all.insert(all.end(), each->delays.begin(), each->delays.end());
            each->delays.clear();
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

    std::unique_ptr<stream> connect(std::size_t shard, kind what) {
        if (over_ == transport::memory)
            return std::make_unique<counting_stream>(arrived_[shard], frame_, what);
        return socket_stream::make(core_of(runtime_[shard]), unique_descriptor{far_.connect(what)}, endpoint{}).value();
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
    const transport over_;
    const std::size_t frame_;
    const std::size_t reading_;
    arrivals arrived_[shards];
    far_reader far_;
    std::vector<std::shared_ptr<session>> sessions_[shards];
    std::vector<peer_handle> handles_;
    std::thread thread_;
};

} // namespace fairlead::bench
