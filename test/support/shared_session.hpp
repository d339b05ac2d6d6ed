#pragma once

#include "support/chunked_framing.hpp"
#include "support/random_rounds.hpp"
#include "support/session_fixture.hpp"
#include "support/tagged_messages.hpp"
#include "support/websocket_output.hpp"
#include "websocket/websocket_channel.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/length_prefixed.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::test {

/// How often something has happened that makes a difference.
struct sharing {
    std::size_t waited_behind = 0;  ///< messages of handles behind one in parts
    std::size_t refused_inside = 0; ///< by the full queue, in a turn of the shard
    std::size_t refused_before = 0; ///< by the full queue, on the way to the shard
    std::size_t dropped = 0;        ///< sessions that ended while messages were on the way
    std::size_t ended_by_handle = 0;
};

/// One session at random to which coroutines send whole messages and messages in parts, and handles from inside and outside of
/// its turns. A derived class may send more.
class shared_session {
public:
    shared_session(shard& home, testkit::manual_clock& clock, unsigned seed, sharing& seen)
        : seen_{seen}, home_{home}, clock_{clock}, random_{seed}, kind_{random_.one_of(
                                                                      std::array{kind::length, kind::chunks, kind::line,
                                                                                 kind::websocket})} {
        bounds_.write_high_watermark = random_.one_of(std::array{10u, 1'000u, 100'000u});
        bounds_.max_write_buffer = bounds_.write_high_watermark + random_.one_of(std::array{0u, 1'000u, 100'000u});
        auto connection = testkit::make_memory_stream(home_);
        far_ = connection.far;
        peer_ = make(std::move(connection.near));
        handle_ = peer_->handle();
    }
    shared_session(const shared_session&) = delete;
    shared_session& operator=(const shared_session&) = delete;
    virtual ~shared_session() = default;

    void run() {
        if (random_.one_in(2))
            far_.read_at_most(random_.up_to(2'000));
        const std::size_t senders = random_.up_to(3);
        for (std::size_t i = 0; i != senders; ++i)
            start(home_, send_some(static_cast<char>('a' + i)));
        start(home_, receive());
        begin();
        const std::size_t steps = 5 + random_.up_to(40);
        const std::size_t end_at = random_.one_in(3) ? random_.up_to(steps) : steps;
        for (std::size_t step = 0; step != steps; ++step) {
            if (step == end_at && !may_be_over())
                end();
            for (std::size_t left = random_.up_to(3); left != 0; --left)
                send_from_outside();
            act();
            if (random_.one_in(2))
                far_.read_at_most(random_.up_to(random_.one_in(2) ? 200 : 50'000));
            if (!random_.one_in(4))
                run_turns();
        }
        finish();
    }

protected:
    virtual void begin() {}           ///< called before the first step
    virtual void act() {}             ///< called in each step, outside of the turns
    virtual void act_in_turn() {}     ///< called by the coroutines
    virtual void expect_at_end() = 0; ///< of `received()`

    /// All that was taken has to arrive.
    bool all_arrives() const { return !ended_early_; }

    /// The messages that the peer has got, but for one that is cut.
    std::vector<std::string> received() const {
        const std::string bytes = far_.received();
        std::vector<std::string> messages;
        switch (kind_) {
        case kind::websocket: {
            const websocket_output output = websocket_output::read(bytes, {.messages = websocket_messages::text});
            EXPECT_TRUE(ended_early_ || (output.rest.empty() && output.close && !output.inside));
            return output.messages();
        }
        case kind::line:
            for (std::string_view rest = bytes; rest.find('\n') != rest.npos; rest.remove_prefix(rest.find('\n') + 1))
                messages.emplace_back(rest.substr(0, rest.find('\n')));
            return messages;
        default: break;
        }
        return kind_ == kind::length ? counted_in(bytes, 4, false) : counted_in(bytes, 3, true);
    }

    /// Nothing more is taken. A topic closes a slow subscriber by itself.
    bool is_over() {
        if (life_ != life::over && peer_->close_reason().code == errc::send_queue_full)
            end_early();
        return life_ == life::over;
    }

    /// That may be so.
    bool may_be_over() { return is_over() || life_ == life::ending; }

    /// Sends as a coroutine of the session does; true if it was taken.
    bool send_now(char sender, bool by_handle) {
        const std::string message = messages_.make(sender, 3'000);
        const std::size_t queued = peer_->queued();
        const bool inside = peer_->sends_in_parts();
        const auto sent = by_handle ? handle_.send(message) : peer_->send(message);
        if (sent) {
            EXPECT_FALSE(is_over()) << "taken behind the end";
            seen_.waited_behind += inside && by_handle ? 1 : 0;
            messages_.sent(message);
        } else if (sent.error() == errc::send_queue_full) {
            EXPECT_GT(queued + message.size(), bounds_.max_write_buffer);
            ++seen_.refused_inside;
        } else {
            EXPECT_TRUE(may_be_over()) << sent.error().message();
        }
        return sent.has_value();
    }

    void run_turns() {
        clock_.advance(tick);
        run_ready(home_);
        seen_.dropped += may_be_over() && on_the_way_ != 0 ? 1 : 0;
        on_the_way_ = 0;
    }

    void end_early() {
        life_ = life::over;
        ended_early_ = true;
    }

    sharing& seen_;
    shard& home_;
    testkit::manual_clock& clock_;
    choices random_;

private:
    static constexpr std::chrono::milliseconds tick{50};

    enum class kind { length, chunks, line, websocket };

    //  open ──a handle has asked for the end──▶ ending ──turns of the shard──▶ over
    //    └──────────────any other end───────────────────────────────────────────▲
    enum class life { open, ending, over };

    std::shared_ptr<session_impl> make(std::unique_ptr<stream> near) {
        const auto bounds = std::make_shared<const limits>(bounds_);
        shard_core& core = core_of(home_);
        switch (kind_) {
        case kind::length: return make_session(core, std::move(near), length_prefixed{{.width = 4}}, bounds);
        case kind::chunks: return make_session(core, std::move(near), chunked{3}, bounds);
        case kind::line: return make_session(core, std::move(near), line{{.max_message = 100'000}}, bounds);
        default: {
            auto channel = std::make_unique<websocket_channel>(std::move(near),
                                                               websocket_rules{.messages = websocket_messages::text},
                                                               websocket_info{}, core.blocks(), bytes_view{});
            return make_session(core, std::move(channel), bounds);
        }
        }
    }

    // --- in turns

    boost::asio::awaitable<void> send_some(char sender) {
        ++running_;
        for (std::size_t left = random_.up_to(12); left != 0 && !may_be_over(); --left) {
            switch (random_.below(4)) {
            case 0: send_now(sender, false); break;
            case 1: send_now('h', true); break;
            case 2: act_in_turn(); break;
            default: co_await send_in_parts(sender);
            }
            if (random_.one_in(2))
                co_await home_.sleep_for(tick);
        }
        --running_;
    }

    boost::asio::awaitable<void> send_in_parts(char sender) {
        const std::string message = messages_.make(sender, 40'000);
        const auto begun = co_await peer_->begin_message(message.size());
        EXPECT_TRUE(begun || may_be_over()) << begun.error().message();
        if (!begun)
            co_return;
        for (bytes_view rest{message}; !rest.empty();) {
            const bytes_view part = rest.first(std::min<std::size_t>(rest.size(), 1 + random_.size(20'000)));
            rest = rest.from(part.size());
            const auto sent = co_await peer_->send_part(part);
            EXPECT_TRUE(sent || may_be_over()) << sent.error().message();
            if (random_.one_in(3))
                co_await home_.sleep_for(tick);
        }
        const auto ended = peer_->end_message();
        EXPECT_TRUE(ended || may_be_over()) << ended.error().message();
        messages_.sent(message, tagged_messages::order::of_sender); // with its size, the last part may have ended it
    }

    boost::asio::awaitable<void> receive() {
        ++running_;
        static_cast<void>(co_await peer_->ended());
        --running_;
    }

    // --- outside of turns

    void send_from_outside() {
        if (is_over()) {
            EXPECT_FALSE(handle_.send("late"));
            return;
        }
        const std::string message = messages_.make('o', 3'000);
        const std::size_t before = on_the_way_ + peer_->queued();
        const std::size_t cost = message.size() + 128;
        const auto sent = handle_.send(message);
        if (sent) {
            EXPECT_TRUE(before == 0 || before + cost <= bounds_.max_write_buffer);
            on_the_way_ += cost;
            messages_.sent(message, tagged_messages::order::of_sender);
        } else {
            EXPECT_EQ(sent.error(), errc::send_queue_full);
            EXPECT_TRUE(before != 0 && before + cost > bounds_.max_write_buffer);
            ++seen_.refused_before;
        }
    }

    void end() {
        switch (random_.below(5)) {
        case 0: peer_->close(); break;
        case 1: peer_->abort(errc::handler_timeout); break;
        case 2: peer_->reset(errc::handler_timeout); break;
        case 3: end_by_handle(&peer_handle::close); break;
        default: end_by_handle([](const peer_handle& of) { of.abort(errc::malformed); });
        }
        end_early();
    }

    /// On the way, behind the messages that were sent before.
    template <class End>
    void end_by_handle(End end) {
        std::invoke(end, handle_);
        ++seen_.ended_by_handle;
        life_ = life::ending;
        run_turns();
    }

    void finish() {
        far_.read_everything();
        for (int i = 0; i != 5'000 && running_ > (may_be_over() ? 0u : 1u); ++i)
            run_turns();
        run_turns();
        EXPECT_LE(running_, may_be_over() ? 0u : 1u) << "a coroutine waits in vain";
        static_cast<void>(is_over());
        start(home_, finish_session(peer_));
        life_ = life::over;
        far_.end();
        for (int i = 0; i != 50; ++i)
            run_turns();
        EXPECT_EQ(running_, 0U) << "a coroutine outlives the session";
        EXPECT_TRUE(far_.closed());
        EXPECT_TRUE(handle_.expired());
        EXPECT_FALSE(handle_.send("late"));
        EXPECT_EQ(peer_->queued(), 0U);
        expect_at_end();
        if (!ended_early_) {
            EXPECT_EQ(peer_->counts().messages_out, received().size());
        }
    }

    const kind kind_;
    limits bounds_{.first_message_timeout = {}, .message_timeout = {}, .idle_timeout = {}, .write_timeout = {}};
    std::size_t on_the_way_ = 0; // bytes to the shard, with 128 for each message
    std::size_t running_ = 0;
    life life_ = life::open;
    bool ended_early_ = false; // what was taken need not arrive

protected:
    testkit::memory_peer far_ = testkit::make_memory_stream(home_).far;
    std::shared_ptr<session_impl> peer_;
    peer_handle handle_;
    tagged_messages messages_{random_};
};

} // namespace fairlead::test
