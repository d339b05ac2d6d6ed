// A session that gets the messages of a topic while coroutines and handles send to it, whole and in parts, at random. A model says
// which messages must arrive, in which order, and which of the topic were missed.

#include "support/log_lines.hpp"
#include "support/shared_session.hpp"

#include <fairlead/metrics.hpp>
#include <fairlead/topics.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::test {

namespace {

struct subscribing : sharing {
    std::size_t between_parts = 0; ///< messages that were published while one was sent in parts
    std::size_t lagged = 0;        ///< gaps that were told
    std::size_t replaced = 0;      ///< messages that a later one has replaced
    std::size_t closed_slow = 0;   ///< sessions of `slow_subscriber::close`
    std::size_t left = 0;          ///< by `unsubscribe`
};

/// Outlives the session.
struct rooms_holder {
    explicit rooms_holder(topics_options options) : rooms{std::move(options)} { rooms.count_in(counts); }
    metrics counts;
    topics rooms;
};

class subscribed_session final : private rooms_holder, public shared_session {
public:
    subscribed_session(shard& home, testkit::manual_clock& clock, unsigned seed, subscribing& seen)
        : rooms_holder{callbacks()}, shared_session{home, clock, seed, seen}, seen_{seen},
          how_{.when_slow = random_.one_of(std::array{slow_subscriber::drop, slow_subscriber::drop,
                                                      slow_subscriber::close, slow_subscriber::keep_latest}),
               .max_queued = random_.one_of(std::array<std::size_t, 4>{0, 1'000, 20'000, 1'000'000}),
               .max_stall = std::chrono::milliseconds{random_.one_of(std::array{0, 200, 5'000})}} {}

private:
    /// From one call of `subscribe` to the end.
    struct membership {
        std::vector<std::string> published = {};
        std::vector<std::uint64_t> missed = {}; // as it was told
        bool left = false;
    };

    topics_options callbacks() {
        topics_options options;
        options.on_presence = [this](const presence& event) {
            ++(event.change == presence::kind::joined ? joined_ : parted_);
        };
        options.on_lagged = [this](peer&, std::string_view, std::uint64_t missed) {
            EXPECT_TRUE(is_member());
            memberships_.back().missed.push_back(missed);
            ++seen_.lagged;
            send_now('l', false);
        };
        return options;
    }

    bool is_member() const { return !memberships_.empty() && !memberships_.back().left; }

    void begin() override {
        if (!random_.one_in(4))
            join();
    }

    void act() override {
        for (std::size_t left = random_.up_to(3); left != 0; --left)
            publish();
        if (random_.one_in(15))
            is_member() ? leave() : join();
    }

    void act_in_turn() override { random_.one_in(8) && !is_member() ? join() : publish(); }

    void join() {
        const auto joined = rooms.subscribe(*peer_, "room", how_);
        EXPECT_TRUE(joined ? !is_over() : may_be_over());
        if (joined)
            memberships_.emplace_back();
    }

    void leave() {
        const bool was_member = rooms.unsubscribe(*peer_, "room");
        EXPECT_NE(was_member, is_over());
        memberships_.back().left = true;
        ++seen_.left;
    }

    void publish() {
        const std::string message = messages_.make('t', 3'000);
        EXPECT_TRUE(rooms.publish("room", message));
        if (!is_member())
            return;
        memberships_.back().published.push_back(message);
        seen_.between_parts += peer_->sends_in_parts() ? 1 : 0;
    }

    std::uint64_t deliveries() {
        return counts
            .counter("topic_deliveries_total", "Messages of topics that were queued for a subscriber.",
                     {{"prefix", "other"}})
            .value();
    }

    // --- the outcome

    void expect_at_end() override {
        std::vector<std::string> delivered, others;
        for (std::string& each : received())
            (each.front() == 't' ? delivered : others).push_back(std::move(each));
        messages_.expect(others, all_arrives());
        std::size_t next = 0;
        for (const membership& each : memberships_)
            expect_of(each, delivered, next);
        EXPECT_EQ(next, delivered.size()) << "nobody was subscribed to " << delivered.at(next).substr(0, 40);
        EXPECT_EQ(joined_, memberships_.size());
        EXPECT_EQ(parted_, memberships_.size());
        EXPECT_EQ(rooms.subscribers("room"), 0U);
        seen_.closed_slow +=
            how_.when_slow == slow_subscriber::close && peer_->close_reason().code == errc::send_queue_full ? 1 : 0;
        if (all_arrives()) {
            EXPECT_EQ(deliveries(), delivered.size());
        }
    }

    /// `next`: the first message of those delivered that is none of an earlier membership.
    void expect_of(const membership& of, const std::vector<std::string>& delivered, std::size_t& next) {
        const bool all = all_arrives() && !of.left;
        std::size_t told = 0; // of `missed`
        std::uint64_t gap = 0;
        for (const std::string& each : of.published) {
            if (next == delivered.size() || delivered[next] != each) {
                ++gap;
                continue;
            }
            ++next;
            if (gap != 0)
                expect_gap(std::exchange(gap, 0), of, told);
        }
        if (!all)
            return;
        if (how_.when_slow == slow_subscriber::keep_latest) {
            EXPECT_EQ(gap, 0U) << "the last message is missing";
        } else if (gap != 0) {
            expect_gap(gap, of, told);
        }
        EXPECT_EQ(told, of.missed.size()) << "more was told than is missing";
    }

    void expect_gap(std::uint64_t gap, const membership& of, std::size_t& told) {
        if (how_.when_slow == slow_subscriber::keep_latest) {
            seen_.replaced += gap;
            return;
        }
        ASSERT_EQ(how_.when_slow, slow_subscriber::drop) << "a message is missing";
        while (gap != 0) {
            ASSERT_LT(told, of.missed.size()) << "a gap was not told";
            ASSERT_LE(of.missed[told], gap);
            gap -= of.missed[told++];
        }
    }

    subscribing& seen_;
    const subscription_options how_;
    std::vector<membership> memberships_;
    std::size_t joined_ = 0;
    std::size_t parted_ = 0;
};

} // namespace

class subscribers_at_random : public session_fixture {};

TEST_F(subscribers_at_random, get_messages_between_others_and_are_told_what_they_missed) {
    const auto rounds = static_cast<unsigned>(effort(sanitized ? 60 : 300, 50'000));
    const log_lines dropped; // messages
    subscribing seen;
    converse<subscribed_session>(home, clock, rounds, seen);
    expect_each_happens(
        {seen.waited_behind, seen.between_parts, seen.lagged, seen.replaced, seen.closed_slow, seen.left}, rounds / 60);
}

} // namespace fairlead::test
