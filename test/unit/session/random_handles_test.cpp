// A session to which coroutines and handles send at random. A model says which messages must arrive, and in which order.

#include "support/log_lines.hpp"
#include "support/shared_session.hpp"

namespace fairlead::test {

namespace {

class session_with_handles final : public shared_session {
public:
    using shared_session::shared_session;

private:
    void expect_at_end() override { messages_.expect(received(), all_arrives()); }
};

} // namespace

class handles_at_random : public session_fixture {};

TEST_F(handles_at_random, send_whole_messages_in_the_order_of_each_sender) {
    const auto rounds = static_cast<unsigned>(effort(sanitized ? 60 : 300, 50'000));
    const log_lines dropped; // messages
    sharing seen;
    converse<session_with_handles>(home, clock, rounds, seen);
    expect_each_happens(
        {seen.waited_behind, seen.refused_inside, seen.refused_before, seen.dropped, seen.ended_by_handle},
        rounds / 60);
}

} // namespace fairlead::test
