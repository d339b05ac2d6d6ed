// Messages of all sizes between two sessions that are joined, with framings, reads and cancellations at random.

#include "support/cancellable.hpp"
#include "support/effort.hpp"
#include "support/session_fixture.hpp"
#include "support/wire_format.hpp"

#include <fairlead/splice.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::test {

namespace {

using namespace std::chrono_literals;

/// What the peer of one session sends, for the peer of the other to get.
struct spliced_direction {
    const wire_format& from;
    const wire_format& to;
    testkit::memory_peer sender;
    testkit::memory_peer receiver;
    std::string wire = {};
    std::vector<std::string> messages = {};
    std::vector<std::size_t> ends = {0}; // of messages, in the wire
    std::size_t sent = 0;                // bytes of the wire
    std::size_t before_end = 0;
    spliced_messages passed = {};

    bool keeps_messages() const { return from.kind != wire_format::layout::raw && to.kind != wire_format::layout::raw; }
    bool is_whole() const {
        return from.kind == wire_format::layout::raw || std::ranges::find(ends, before_end) != ends.end();
    }

    /// The largest message that both sides can carry; 0: none can.
    static std::size_t most(const wire_format& from, const wire_format& to) {
        const bool unknown_size = from.kind == wire_format::layout::chunks && to.announces_sizes();
        const bool reads_are_too_large = from.kind == wire_format::layout::raw && to.most < wire_format{}.most;
        if (unknown_size || reads_are_too_large)
            return 0;
        return std::min(to.divides_messages() ? from.most : from.most_whole, to.most);
    }
};

/// Two sessions at random that are joined, perhaps several times.
class random_splice {
public:
    random_splice(shard& home, testkit::manual_clock& clock, unsigned seed)
        : home_{home}, clock_{clock}, random_{seed} {
        do {
            first_format_ = wire_format::any(random_);
            second_format_ = wire_format::any(random_);
        } while (spliced_direction::most(first_format_, second_format_) == 0 ||
                 spliced_direction::most(second_format_, first_format_) == 0);
        auto left = testkit::make_memory_stream(home);
        auto right = testkit::make_memory_stream(home);
        first_ = make(std::move(left.near), first_format_);
        second_ = make(std::move(right.near), second_format_);
        directions_.push_back({first_format_, second_format_, left.far, right.far});
        directions_.push_back({second_format_, first_format_, right.far, left.far});
        for (spliced_direction& each : directions_)
            prepare(each);
    }
    random_splice(const random_splice&) = delete;
    random_splice& operator=(const random_splice&) = delete;
    ~random_splice() {
        first_->abort(errc::closed);
        second_->abort(errc::closed);
        run_ready(home_);
    }

    void run() {
        joining_.start(join());
        while (directions_[0].sent < directions_[0].before_end || directions_[1].sent < directions_[1].before_end)
            advance(directions_[random_.below(2)]);
        for (spliced_direction& each : directions_) {
            each.sender.end();
            each.receiver.read_everything();
        }
        for (int i = 0; i < 10 && joined_; ++i)
            pass();
        ASSERT_FALSE(joined_) << "it waits in vain";
        const bool whole = directions_[0].is_whole() && directions_[1].is_whole();
        EXPECT_EQ(failure_, whole ? error_code{} : make_error_code(errc::truncated));
        for (const spliced_direction& each : directions_)
            expect_received(each, whole);
    }

    /// How often the sessions were joined again inside of a message.
    std::size_t cancelled_inside() const { return cancelled_inside_; }

private:
    std::shared_ptr<session_impl> make(std::unique_ptr<stream> transport, const wire_format& by) {
        limits bounds{.first_message_timeout = 0s, .message_timeout = 0s, .idle_timeout = 0s, .write_timeout = 0s};
        bounds.write_high_watermark = random_.one_of(std::array{10u, 1'000u, 100'000u});
        bounds.max_write_buffer = bounds.write_high_watermark + random_.one_of(std::array{0u, 1'000u, 1'000'000u});
        return make_session(core_of(home_), std::move(transport), by.rules(), std::make_shared<const limits>(bounds));
    }

    void prepare(spliced_direction& one) {
        const std::size_t most = spliced_direction::most(one.from, one.to);
        for (std::size_t left = random_.up_to(12); left != 0; --left) {
            one.messages.push_back(random_.text(most));
            one.wire += one.from.whole(one.messages.back());
            one.ends.push_back(one.wire.size());
        }
        one.before_end = random_.one_in(5) ? random_.up_to(one.wire.size()) : one.wire.size();
    }

    boost::asio::awaitable<void> join() {
        joined_ = true;
        const auto result = co_await splice(*first_, *second_);
        directions_[0].passed.messages += result.to_second.messages;
        directions_[1].passed.messages += result.to_first.messages;
        failure_ = result.failure;
        joined_ = false;
    }

    void pass() {
        clock_.advance(50ms);
        run_ready(home_);
    }

    void advance(spliced_direction& one) {
        const std::size_t most = random_.one_of(std::array{3u, 500u, 10'000u, 200'000u});
        const std::size_t fragment = std::min(one.before_end - one.sent, 1 + random_.below(most));
        if (fragment != 0)
            one.sender.send(bytes_view{one.wire}.from(one.sent).first(fragment));
        one.sent += fragment;
        if (random_.one_in(2))
            one.receiver.read_at_most(random_.up_to(random_.one_in(2) ? 100 : 50'000));
        if (!random_.one_in(3))
            run_ready(home_);
        if (random_.one_in(8))
            join_again();
    }

    void join_again() {
        joining_.cancel();
        for (int i = 0; i < 10 && joined_; ++i)
            pass();
        ASSERT_FALSE(joined_) << "it does not end when it is cancelled";
        EXPECT_EQ(failure_, boost::asio::error::operation_aborted);
        cancelled_inside_ += first_->receives_in_parts() || second_->receives_in_parts() ? 1 : 0;
        joining_.start(join());
    }

    void expect_received(const spliced_direction& one, bool all) {
        std::string text;
        std::vector<std::string> received = decode(one, text);
        if (one.keeps_messages()) {
            ASSERT_LE(received.size(), one.messages.size());
            EXPECT_TRUE(std::equal(received.begin(), received.end(), one.messages.begin()));
        }
        std::string sent;
        for (const std::string& each : one.messages)
            sent += each;
        EXPECT_TRUE(sent.starts_with(text)) << "the peer got other bytes than were sent";
        if (!all)
            return;
        const auto whole = std::ranges::find(one.ends, one.before_end) - one.ends.begin();
        if (one.keeps_messages()) {
            EXPECT_EQ(received.size(), static_cast<std::size_t>(whole));
            EXPECT_EQ(one.passed.messages, received.size());
        } else if (one.before_end == one.wire.size()) {
            EXPECT_EQ(text.size(), sent.size());
        }
        EXPECT_TRUE(one.receiver.ended());
    }

    /// The whole messages that the peer got.
    static std::vector<std::string> decode(const spliced_direction& one, std::string& text) {
        wire_format by = one.to;
        by.most_whole = by.most;
        framing rules = by.rules();
        const std::string bytes = one.receiver.received();
        std::vector<std::string> messages;
        for (bytes_view rest = bytes; !rest.empty();) {
            const auto step = rules.decode(rest);
            EXPECT_TRUE(step) << step.error().message();
            if (!step || !step->message)
                break;
            messages.push_back(to_string(*step->message));
            text += messages.back();
            rest = rest.from(step->consumed);
        }
        return messages;
    }

    shard& home_;
    testkit::manual_clock& clock_;
    choices random_;
    wire_format first_format_, second_format_;
    std::shared_ptr<session_impl> first_, second_;
    std::vector<spliced_direction> directions_; // to the second session, and to the first
    cancellable joining_{home_};
    bool joined_ = false;
    std::size_t cancelled_inside_ = 0;
    error_code failure_;
};

} // namespace

class splicing_at_random : public session_fixture {};

TEST_F(splicing_at_random, passes_all_messages_in_order_and_none_that_was_cut) {
    const auto rounds = static_cast<unsigned>(effort(sanitized ? 50 : 300, 20'000));
    std::size_t cancelled_inside = 0;
    for (unsigned seed = 0; seed < rounds && !HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        {
            random_splice joined{home, clock, seed};
            joined.run();
            cancelled_inside += joined.cancelled_inside();
        }
        run_ready(home);
        EXPECT_EQ(core_of(home).blocks().leased(), 0U);
    }
    EXPECT_TRUE(HasFailure() || cancelled_inside > rounds / 25) << cancelled_inside;
}

} // namespace fairlead::test
