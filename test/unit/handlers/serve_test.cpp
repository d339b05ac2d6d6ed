#include "support/session_fixture.hpp"

#include "log/log_exceptions.hpp"

#include <new>
#include <stdexcept>

namespace fairlead::test {

using handler_test = session_fixture;

boost::asio::awaitable<void> serve(handler what, std::shared_ptr<session> peer) {
    co_await what.serve(*peer);
    co_await peer->close_gracefully();
}

boost::asio::awaitable<void> greet(session& peer) {
    peer.send("who are you?");
    while (const auto message = co_await peer.receive())
        peer.send("hello " + to_string(*message));
}

TEST_F(handler_test, calls_a_message_handler_once_for_every_message) {
    auto count = [calls = 0](bytes_view, peer& from) mutable { from.send(std::to_string(++calls)); };
    start(home, serve(handler{count}, make_session()));
    far.send(frame("a") + frame("b"));
    far.send(frame("c"));
    far.end();
    run_to_end(home);
    EXPECT_EQ(far.received(), frame("1") + frame("2") + frame("3"));
}

TEST_F(handler_test, gives_each_session_a_copy_of_its_own) {
    const handler shared{[calls = 0](bytes_view, peer& from) mutable { from.send(std::to_string(++calls)); }};
    for (int i = 0; i < 2; ++i) {
        start(home, serve(shared, make_session()));
        far.send(frame("a"));
        far.end();
        run_to_end(home);
        EXPECT_EQ(far.received(), frame("1"));
    }
}

/// A message handler that cannot be copied when there is no memory.
struct copied_without_memory {
    copied_without_memory() = default;
    copied_without_memory(const copied_without_memory& other) : scarce{other.scarce} {
        if (*scarce)
            throw std::bad_alloc{};
    }
    void operator()(bytes_view, peer&) const {}

    std::shared_ptr<bool> scarce = std::make_shared<bool>(false);
};

// libstdc++ 12 destroys what is not there when copying a std::variant of std::function throws; a sanitizer tells.
TEST_F(handler_test, destroys_nothing_that_is_not_there_when_a_copy_throws) {
    const copied_without_memory function;
    const handler original{function};
    *function.scarce = true;
    EXPECT_THROW(handler{original}, std::bad_alloc);
    EXPECT_EQ(function.scarce.use_count(), 2);
}

TEST_F(handler_test, lets_a_conversation_speak_first) {
    start(home, serve(handler{greet}, make_session()));
    run_ready(home);
    EXPECT_EQ(far.received(), frame("who are you?"));
    far.send(frame("Ada"));
    far.end();
    run_to_end(home);
    EXPECT_EQ(far.received(), frame("who are you?") + frame("hello Ada"));
}

TEST_F(handler_test, stops_calling_a_message_handler_that_closed_the_connection) {
    start(home, serve(handler{[](bytes_view message, peer& from) {
                          from.send(message);
                          from.close();
                      }},
                      make_session()));
    far.send(frame("first") + frame("second"));
    far.end();
    run_to_end(home);
    EXPECT_EQ(far.received(), frame("first"));
}

TEST_F(handler_test, passes_on_what_a_message_handler_throws_now_and_after_a_wait) {
    for (const bool later : {false, true}) {
        std::string said;
        const handler throwing{[](bytes_view message, peer&) { throw std::runtime_error{to_string(message)}; }};
        const auto note = [&](std::exception_ptr thrown) { said = describe_exception(thrown); };
        auto peer = make_session();
        if (!later)
            far.send(frame("on purpose") + frame("not reached"));
        boost::asio::co_spawn(home.get_executor(), serve(throwing, std::move(peer)), note);
        run_ready(home);
        EXPECT_EQ(said.empty(), later);
        if (later)
            far.send(frame("on purpose") + frame("not reached"));
        run_ready(home);
        EXPECT_EQ(said, "on purpose");
    }
}

TEST_F(handler_test, forgets_a_session_that_is_gone_while_it_waits) {
    message_handler answer{[](bytes_view message, peer& from) { from.send(message); }};
    auto peer = make_session();
    peer->serve(answer);
    peer.reset();
    far.send(frame("for nobody"));
    run_to_end(home);
    EXPECT_EQ(far.received(), "");
}

/// Something that the handler holds, and that must be gone when the shard is.
struct held_by_the_handler {
    ~held_by_the_handler() { EXPECT_TRUE(held.expired()); }
    std::weak_ptr<int> held;
};

struct ending_shard_test : held_by_the_handler, session_fixture {}; // the shard goes first

TEST_F(ending_shard_test, lets_go_of_a_session_that_waits_or_is_about_to_be_woken) {
    auto something = std::make_shared<int>();
    held = something;
    const message_handler answer = [something](bytes_view message, peer& from) { from.send(message); };
    start(home, serve(handler{answer}, make_session()));
    something.reset();
    run_ready(home);
    far.send(frame("never read"));
}

} // namespace fairlead::test
