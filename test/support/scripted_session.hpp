#pragma once

#include <fairlead/session.hpp>

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::test {

/// A session of a user's own, for a test of a handler: no transport, no framing.
class scripted_session final : public session {
public:
    scripted_session(fairlead::shard& home, std::deque<std::string> messages, const endpoint& remote = {})
        : shard_{home}, messages_{std::move(messages)}, remote_{remote} {}

    /// Gives the memory of the last message to another.
    void reuse_memory() { in_hand_.assign(in_hand_.size(), 'x'); }

    boost::asio::awaitable<result<bytes_view>> receive() override {
        if (const auto next = try_receive())
            co_return *next;
        co_return errc::closed;
    }
    boost::asio::awaitable<result<bytes_view>> receive(std::chrono::milliseconds) override { return receive(); }
    boost::asio::awaitable<error_code> ended() override { co_return errc::closed; }
    std::optional<bytes_view> try_receive() override {
        if (messages_.empty() || closed)
            return {};
        in_hand_ = std::move(messages_.front());
        messages_.pop_front();
        return in_hand_;
    }
    result<void> send(bytes_view message) override {
        sent.push_back(to_string(message));
        return {};
    }
    boost::asio::awaitable<result<void>> flush() override { co_return result<void>{}; }
    boost::asio::awaitable<result<void>> shutdown() override { co_return result<void>{}; }
    boost::asio::awaitable<void> close_gracefully() override {
        closed = true;
        co_return;
    }
    void close() override { closed = true; }
    void abort(error_code) override { closed = true; }
    void reset(error_code) override { closed = true; }
    bool stopping() const noexcept override { return closed; }
    fairlead::limits limits() const override { return {}; }
    void set_limits(const fairlead::limits&) override {}
    fairlead::close_reason close_reason() const override {
        return closed ? fairlead::close_reason{errc::closed, closed_by::local} : fairlead::close_reason{};
    }
    bool is_reusable() override { return false; }
    endpoint remote() const override { return remote_; }
    endpoint local() const override { return {}; }
    std::uint64_t id() const noexcept override { return 1; }
    fairlead::shard& shard() noexcept override { return shard_; }
    int native_handle() const noexcept override { return -1; }
    peer_handle handle() override { return {}; }

    bool closed = false;
    std::vector<std::string> sent;

private:
    fairlead::shard& shard_;
    std::deque<std::string> messages_;
    endpoint remote_;
    std::string in_hand_;
};

} // namespace fairlead::test
