#include "support/topics_fixture.hpp"

#include <boost/asio/post.hpp>

#include <malloc.h>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::test {

namespace {

class topic_lifetimes : public topics_fixture {};

TEST_F(topic_lifetimes, a_session_that_ends_is_unsubscribed) {
    for (const auto& end : std::vector<std::function<void(session_impl&)>>{
             [](session_impl& peer) { peer.close(); },
             [](session_impl& peer) { peer.abort(errc::malformed); },
             [](session_impl& peer) { start(peer.shard(), peer.close_gracefully()); },
             [](session_impl& peer) {
                 start(peer.shard(),
                       [](session& one) -> boost::asio::awaitable<void> { co_await one.shutdown(); }(peer));
             },
         }) {
        line_session ann{home};
        ASSERT_TRUE(rooms().subscribe(*ann.peer, "room"));
        end(*ann.peer);
        run();
        EXPECT_EQ(rooms().subscribers("room"), 0U);
        publish("room", "hello");
        run();
        EXPECT_EQ(ann.far.received(), "");
        pass(std::chrono::seconds{5});
    }
}

TEST_F(topic_lifetimes, a_session_that_is_destroyed_is_unsubscribed) {
    line_session ann{home};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room"));
    publish("room", "hello");
    ann.peer.reset();
    EXPECT_EQ(rooms().subscribers("room"), 0U);
    run();
}

TEST_F(topic_lifetimes, a_session_whose_peer_is_gone_is_unsubscribed_by_the_delivery) {
    line_session ann{home}, bob{home};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room"));
    ASSERT_TRUE(rooms().subscribe(*bob.peer, "room"));
    ann.far.fail_operation(ann.far.operations() + 1, make_error_code(boost::system::errc::broken_pipe));
    publish("room", "hello");
    run();
    EXPECT_EQ(rooms().subscribers("room"), 1U);
    EXPECT_EQ(bob.far.received(), "hello\n");
}

TEST_F(topic_lifetimes, sessions_may_end_and_join_while_a_message_is_delivered) {
    std::vector<std::unique_ptr<line_session>> crowd;
    for (int i = 0; i < 6; ++i) {
        crowd.push_back(std::make_unique<line_session>(home));
        ASSERT_TRUE(rooms().subscribe(*crowd.back()->peer, "room"));
    }
    line_session late{home};
    for (auto& each : crowd) { // whichever is served first ends two of the others
        each->far.at_operation(each->far.operations() + 1, [&] {
            crowd[0]->peer->abort(errc::stopping);
            rooms().unsubscribe(*crowd[3]->peer, "room");
            EXPECT_TRUE(rooms().subscribe(*late.peer, "room"));
        });
    }
    publish("room", "hello");
    run();
    EXPECT_EQ(late.far.received(), "");
    EXPECT_EQ(rooms().subscribers("room"), 5U);
    publish("room", "again");
    run();
    EXPECT_EQ(late.far.received(), "again\n");
    EXPECT_EQ(crowd[5]->far.received(), "hello\nagain\n");
}

TEST_F(topic_lifetimes, a_handler_may_publish_to_its_own_topic) {
    line_session ann{home};
    message_handler shout = [&](bytes_view message, peer& from) {
        ASSERT_TRUE(rooms().subscribe(from, "room"));
        publish("room", to_string(message));
        publish("room", "again " + to_string(message));
    };
    ann.peer->serve(shout);
    ann.far.send("1\n2\n");
    run();
    EXPECT_EQ(ann.far.received(), "1\nagain 1\n2\nagain 2\n");
    ann.peer->abort(errc::closed);
}

TEST(topics_on_a_shard, may_be_published_to_after_the_shard_is_gone) {
    topics rooms;
    {
        shard home;
        line_session ann{home};
        ASSERT_TRUE(rooms.subscribe(*ann.peer, "room"));
        ASSERT_TRUE(rooms.publish("room", "never delivered"));
    }
    EXPECT_EQ(rooms.subscribers("room"), 0U);
    EXPECT_TRUE(rooms.publish("room", "hello"));
}

TEST(topics_on_a_shard, are_left_by_a_session_that_is_suspended_when_the_shard_ends) {
    topics rooms;
    {
        shard home;
        testkit::manual_clock clock{home};
        line_session ann{home};
        ASSERT_TRUE(rooms.subscribe(*ann.peer, "room", {.name = "Ann"}));
        std::vector<std::string> seen;
        start(home, note_messages(std::move(ann.peer), seen));
        run_ready(home);
        ASSERT_TRUE(rooms.publish("room", "never delivered"));
    }
    EXPECT_EQ(rooms.subscribers("room"), 0U);
}

TEST(topics_on_a_shard, serve_the_next_shard) {
    topics rooms;
    for (int i = 0; i < 3; ++i) {
        shard home;
        line_session ann{home};
        ASSERT_TRUE(rooms.subscribe(*ann.peer, "room"));
        ASSERT_TRUE(rooms.publish("room", "hello"));
        run_ready(home);
        EXPECT_EQ(ann.far.received(), "hello\n");
    }
}

TEST(topics_on_a_shard, are_free_for_others_once_the_shard_is_gone_with_a_message_on_its_way) {
    topics rooms{{.max_topics = 1}};
    {
        shard home;
        line_session ann{home};
        ASSERT_TRUE(rooms.subscribe(*ann.peer, "room"));
        ASSERT_TRUE(rooms.publish("room", "never delivered"));
        rooms.unsubscribe(*ann.peer, "room");
    }
    shard home;
    line_session bob{home};
    EXPECT_TRUE(rooms.subscribe(*bob.peer, "elsewhere"));
}

TEST(topics_on_a_shard, keep_nothing_of_shards_that_are_gone) {
    topics rooms;
    const auto use_shards = [&](int count) {
        for (int i = 0; i < count; ++i) {
            shard home;
            line_session ann{home};
            ASSERT_TRUE(rooms.subscribe(*ann.peer, "room"));
        }
    };
    use_shards(5);
    const auto before = ::mallinfo2().uordblks;
    use_shards(100);
    EXPECT_LT(::mallinfo2().uordblks, before + 10'000);
}

TEST(topics_on_a_shard, keep_a_topic_that_another_shard_uses) {
    topics rooms;
    shard home;
    line_session ann{home};
    ASSERT_TRUE(rooms.subscribe(*ann.peer, "room"));
    for (int i = 0; i < 3; ++i) {
        shard other;
        line_session bob{other};
        ASSERT_TRUE(rooms.subscribe(*bob.peer, "room"));
        ASSERT_TRUE(rooms.publish("room", std::to_string(i)));
        rooms.unsubscribe(*bob.peer, "room");
    }
    EXPECT_EQ(rooms.subscribers("room"), 1U);
    run_ready(home);
    EXPECT_EQ(ann.far.received(), "0\n1\n2\n");
}

TEST(topics_on_a_shard, are_used_by_shards_that_begin_and_end_on_several_threads) {
    topics rooms;
    const auto use_shards = [&rooms] {
        for (int i = 0; i < 100; ++i) {
            shard home;
            line_session ann{home}, bob{home};
            EXPECT_TRUE(rooms.subscribe(*ann.peer, "room"));
            EXPECT_TRUE(rooms.subscribe(*bob.peer, "room"));
            EXPECT_TRUE(rooms.publish("room", "hello"));
            rooms.unsubscribe(*ann.peer, "room");
        }
    };
    { const std::jthread one{use_shards}, two{use_shards}, three{use_shards}; }
    EXPECT_EQ(rooms.subscribers("room"), 0U);
}

} // namespace

} // namespace fairlead::test
