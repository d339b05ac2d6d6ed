#include "support/session_fixture.hpp"

#include <fairlead/handlers/concurrent.hpp>

#include <boost/system/errc.hpp>

#include <deque>
#include <map>
#include <stdexcept>

namespace fairlead::test {

namespace {

using namespace std::literals;
using lines = std::vector<std::string>;

class concurrent_requests : public session_fixture {
protected:
    /// Answers once the test lets it; "fail" throws, "quiet…" gets no reply.
    boost::asio::awaitable<std::optional<std::string>> answer_when_told(std::string request) {
        seen.push_back(request);
        ++open;
        const counted kept{open};
        co_await told[request].wait();
        if (request == "fail")
            throw std::runtime_error{"no luck"};
        if (request.starts_with("quiet"))
            co_return std::nullopt;
        co_return "re " + request;
    }

    struct counted {
        int& count;
        ~counted() { --count; }
    };

    static boost::asio::awaitable<void> serve_to_end(handler what, std::shared_ptr<session> peer, std::string& thrown) {
        try {
            co_await what.serve(*peer);
        } catch (const std::exception& failed) {
            thrown = failed.what();
        }
        co_await peer->close_gracefully();
    }

    std::shared_ptr<session_impl> serve(std::size_t limit, reply_order order, const limits& bounds = {}) {
        const auto answer = [this](std::string request, session&) { return answer_when_told(std::move(request)); };
        auto peer = make_session(bounds);
        start(home, serve_to_end(concurrent(optional_reply_handler{answer}, limit, order), peer, thrown));
        run_ready(home);
        return peer;
    }

    void send(const lines& requests) {
        for (const std::string& each : requests)
            far.send(frame(each));
        run_ready(home);
    }

    void tell(const std::string& request) {
        told[request].notify();
        run_ready(home);
    }

    std::map<std::string, event> told;
    std::string thrown;
    int open = 0;
};

} // namespace

TEST_F(concurrent_requests, are_open_at_the_same_time_up_to_the_limit) {
    serve(2, reply_order::of_completion);
    send({"a", "b", "c"});
    EXPECT_EQ(seen, (lines{"a", "b"}));
    const std::size_t operations = far.operations();
    send({"d"});
    EXPECT_EQ(far.operations(), operations) << "nothing is read while all places are taken";
    tell("b");
    EXPECT_EQ(seen, (lines{"a", "b", "c"}));
    for (const char* const each : {"a", "c", "d"})
        tell(each);
    EXPECT_EQ(far.received(), frame("re b") + frame("re a") + frame("re c") + frame("re d"));
    far.end();
    run_ready(home);
    EXPECT_TRUE(far.closed());
}

TEST_F(concurrent_requests, are_answered_in_their_order_and_a_reply_that_waits_keeps_its_place) {
    serve(3, reply_order::of_requests);
    send({"a", "quiet", "c", "d"});
    tell("c");
    tell("quiet");
    EXPECT_EQ(far.received(), "");
    EXPECT_EQ(seen, (lines{"a", "quiet", "c"})) << "replies that wait are bounded too";
    tell("a");
    EXPECT_EQ(far.received(), frame("re a") + frame("re c"));
    EXPECT_EQ(seen.back(), "d");
    tell("d");
    EXPECT_EQ(far.received(), frame("re a") + frame("re c") + frame("re d"));
    far.end();
    run_ready(home);
}

TEST_F(concurrent_requests, that_are_open_when_the_session_stops_are_answered) {
    auto peer = serve(3, reply_order::of_requests);
    send({"a", "b"});
    peer->drain();
    run_ready(home);
    EXPECT_EQ(open, 2);
    tell("b");
    EXPECT_FALSE(far.ended());
    tell("a");
    EXPECT_EQ(far.received(), frame("re a") + frame("re b"));
    EXPECT_TRUE(far.ended());
    far.end();
    run_ready(home);
}

TEST_F(concurrent_requests, that_are_open_when_the_peer_ends_its_side_are_answered) {
    serve(3, reply_order::of_completion);
    send({"a", "b"});
    far.end();
    run_ready(home);
    tell("b");
    tell("a");
    EXPECT_EQ(far.received(), frame("re b") + frame("re a"));
    EXPECT_TRUE(far.closed());
}

TEST_F(concurrent_requests, that_are_open_when_the_connection_fails_are_cancelled) {
    auto peer = serve(3, reply_order::of_requests);
    send({"a", "b"});
    peer->abort(boost::system::errc::make_error_code(boost::system::errc::connection_reset));
    run_ready(home);
    EXPECT_EQ(open, 0);
    EXPECT_EQ(thrown, "");
}

TEST_F(concurrent_requests, of_which_one_throws_end_with_its_exception) {
    serve(3, reply_order::of_completion);
    send({"a", "fail", "b"});
    EXPECT_EQ(open, 3);
    tell("fail");
    EXPECT_EQ(thrown, "no luck");
    EXPECT_EQ(open, 0);
    EXPECT_TRUE(far.ended());
    far.end();
    run_ready(home);
}

TEST_F(concurrent_requests, need_a_place) {
    const auto answer = [](std::string request, session&) -> boost::asio::awaitable<std::string> { co_return request; };
    EXPECT_THROW(concurrent(answer, 0), std::invalid_argument);
}

TEST_F(concurrent_requests, may_each_return_their_reply_as_a_string) {
    const auto answer = [](std::string request, session& peer) -> boost::asio::awaitable<std::string> {
        co_await peer.shard().sleep_for(request == "slow" ? 2s : 1s);
        co_return "re " + request;
    };
    start(home, serve_to_end(concurrent(answer, 8), make_session(), thrown));
    std::string expected;
    for (const char* const each : {"slow", "b", "c"}) {
        far.send(frame(each));
        expected += frame("re "s + each);
    }
    run_ready(home);
    clock.advance(1s);
    run_ready(home);
    EXPECT_EQ(far.received(), "");
    clock.advance(1s);
    far.end();
    run_to_end(home);
    EXPECT_EQ(far.received(), expected);
}

} // namespace fairlead::test
