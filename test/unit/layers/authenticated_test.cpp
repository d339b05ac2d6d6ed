#include "support/layer_counts.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/layers/authenticated.hpp>
#include <fairlead/testkit/served.hpp>

#include <gtest/gtest.h>
#include <stdexcept>

namespace fairlead::test {

namespace {

using namespace std::literals;

// A user, who is challenged, and then the password.
class two_steps {
public:
    login_verdict operator()(bytes_view message, session& peer) {
        if (message == "throw")
            throw std::runtime_error{"no database"};
        if (!user_known_) {
            user_known_ = true;
            peer.send("password of " + to_string(message) + "?");
            return login_verdict::unfinished;
        }
        if (message == "secret")
            return login_verdict::accepted;
        peer.send("wrong");
        return login_verdict::wrong;
    }

private:
    bool user_known_ = false;
};

boost::asio::awaitable<login_verdict> check_slowly(bytes_view message, session& peer) {
    co_await peer.shard().sleep_for(2s);
    co_return message == "secret" ? login_verdict::accepted : login_verdict::wrong;
}

boost::asio::awaitable<void> greet_and_echo(session& peer) {
    peer.send("welcome");
    while (const auto message = co_await peer.receive())
        peer.send(*message);
}

} // namespace

TEST(authenticated, runs_a_session_handler_after_the_login) {
    layer_counts counts{"authenticated"};
    testkit::served near{line{}, authenticated(two_steps{}, greet_and_echo, {}, {&counts.in, "test"})};
    EXPECT_EQ(near.take(), "") << "the inner handler does not speak before the login";
    EXPECT_EQ(near.take("Ann\n"), "password of Ann?\n");
    EXPECT_EQ(near.take("secret\na\n"), "welcome\na\n") << "also what came right behind the login";
    EXPECT_EQ(near.take("b\n"), "b\n");
    EXPECT_EQ(counts.logins("accepted"), 1u);
}

TEST(authenticated, runs_a_message_handler_after_the_login) {
    testkit::served near{line{}, authenticated(two_steps{}, echo())};
    near.take("Ann\n");
    EXPECT_EQ(near.take("secret\na\nsecret\n"), "a\nsecret\n");
}

TEST(authenticated, closes_after_a_wrong_attempt_and_sends_the_reply) {
    layer_counts counts{"authenticated"};
    testkit::served near{line{}, authenticated(two_steps{}, greet_and_echo, {}, {&counts.in, "test"})};
    near.take("Ann\n");
    EXPECT_EQ(near.take("guess\nsecret\n"), "wrong\n");
    EXPECT_TRUE(near.ended());
    EXPECT_EQ(counts.logins("wrong"), 1u);
    EXPECT_EQ(counts.logins("accepted"), 0u);
}

TEST(authenticated, allows_as_many_wrong_attempts_as_it_is_told) {
    layer_counts counts{"authenticated"};
    const handler guarded = authenticated(two_steps{}, echo(), {.max_attempts = 3}, {&counts.in, "test"});
    testkit::served lucky{line{}, guarded};
    lucky.take("Ann\n");
    EXPECT_EQ(lucky.take("guess\nguess\nsecret\nhello\n"), "wrong\nwrong\nhello\n");
    testkit::served other{line{}, guarded};
    other.take("Bob\n");
    EXPECT_EQ(other.take("guess\nguess\nguess\nsecret\n"), "wrong\nwrong\nwrong\n");
    EXPECT_TRUE(other.ended());
    EXPECT_EQ(counts.logins("wrong"), 5u);
}

TEST(authenticated, closes_at_the_deadline_whatever_the_peer_has_sent) {
    layer_counts counts{"authenticated"};
    testkit::served near{line{}, authenticated(two_steps{}, echo(), {.deadline = 5s}, {&counts.in, "test"})};
    near.advance(4s);
    EXPECT_EQ(near.take("Ann\n"), "password of Ann?\n");
    near.advance(500ms);
    EXPECT_FALSE(near.ended());
    near.advance(500ms);
    EXPECT_TRUE(near.ended());
    EXPECT_EQ(near.take("secret\n"), "");
    EXPECT_EQ(counts.logins("late"), 1u);
    EXPECT_EQ(counts.logins("accepted"), 0u);
}

TEST(authenticated, has_no_deadline_after_the_login) {
    testkit::served near{line{}, authenticated(two_steps{}, echo(), {.deadline = 5s})};
    near.take("Ann\nsecret\n");
    near.advance(10s);
    EXPECT_EQ(near.take("a\n"), "a\n");
}

TEST(authenticated, waits_for_a_check_that_is_a_coroutine) {
    testkit::served near{line{}, authenticated(check_slowly, echo())};
    EXPECT_EQ(near.take("secret\na\n"), "");
    near.advance(2s);
    EXPECT_EQ(near.take(), "a\n");
}

TEST(authenticated, cancels_a_check_at_the_deadline) {
    layer_counts counts{"authenticated"};
    testkit::served near{line{}, authenticated(check_slowly, echo(), {.deadline = 1s}, {&counts.in, "test"})};
    near.take("secret\n");
    near.advance(1s);
    EXPECT_TRUE(near.ended());
    EXPECT_EQ(counts.logins("late"), 1u);
}

TEST(authenticated, ends_when_the_server_stops_or_the_peer_leaves) {
    const handler guarded = authenticated(two_steps{}, echo());
    testkit::served stopped{line{}, guarded};
    stopped.take("Ann\n");
    stopped.stop();
    stopped.take();
    EXPECT_TRUE(stopped.ended());
    EXPECT_EQ(stopped.close_reason().by, closed_by::stop);
    testkit::served left{line{}, guarded};
    left.end();
    left.take();
    EXPECT_TRUE(left.ended());
    EXPECT_EQ(left.close_reason().by, closed_by::peer);
}

TEST(authenticated, passes_on_the_exception_of_a_check) {
    testkit::served near{line{}, authenticated(two_steps{}, echo())};
    EXPECT_THROW(near.take("throw\n"), std::runtime_error);
}

TEST(authenticated, refuses_limits_with_which_no_login_succeeds) {
    EXPECT_THROW(authenticated(two_steps{}, echo(), {.deadline = 0ms}), std::invalid_argument);
    EXPECT_THROW(authenticated(check_slowly, echo(), {.max_attempts = 0}), std::invalid_argument);
}

} // namespace fairlead::test
