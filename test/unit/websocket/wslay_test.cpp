// wslay as an oracle: random conversations, valid and broken, give the same messages and the same code.

#include "support/frame_run.hpp"

#include <wslay/wslay.h>

#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

constexpr std::size_t oracle_limit = 1000;

/// A server of wslay that reads bytes from memory.
class oracle {
public:
    explicit oracle(const std::string& bytes) : bytes_{bytes} {
        wslay_event_callbacks calls{};
        calls.recv_callback = receive;
        calls.send_callback = send;
        calls.on_msg_recv_callback = note;
        wslay_event_context_server_init(&context_, &calls, this);
        wslay_event_config_set_max_recv_msg_length(context_, oracle_limit);
        while (wslay_event_want_read(context_) != 0 && at_ < bytes_.size() && wslay_event_recv(context_) == 0) {}
        wslay_event_send(context_);
    }
    oracle(const oracle&) = delete;
    oracle& operator=(const oracle&) = delete;
    ~oracle() { wslay_event_context_free(context_); }

    std::vector<std::string> events;

    /// Adds `error CODE` if it has closed for an error. To wrong headers it answers a Close without a code (1005).
    void finish() {
        const unsigned sent = wslay_event_get_status_code_sent(context_);
        const unsigned code = sent == 1005 ? 1002 : sent;
        const bool closed = !events.empty() && events.back().starts_with("close");
        if (!closed && wslay_event_get_close_sent(context_) != 0)
            events.push_back("error " + std::to_string(code));
    }

private:
    static oracle& self(void* user) { return *static_cast<oracle*>(user); }

    static ::ssize_t receive(wslay_event_context_ptr context, std::uint8_t* to, std::size_t size, int, void* user) {
        oracle& own = self(user);
        const std::size_t count = std::min(size, own.bytes_.size() - own.at_);
        if (count == 0) {
            wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
            return -1;
        }
        std::memcpy(to, own.bytes_.data() + own.at_, count);
        own.at_ += count;
        return static_cast<::ssize_t>(count);
    }

    static ::ssize_t send(wslay_event_context_ptr, const std::uint8_t*, std::size_t size, int, void*) {
        return static_cast<::ssize_t>(size);
    }

    static void note(wslay_event_context_ptr, const wslay_event_on_msg_recv_arg* got, void* user) {
        const std::string payload = to_string(bytes_view{got->msg, got->msg_length});
        std::vector<std::string>& events = self(user).events;
        switch (got->opcode) {
        case WSLAY_PING: events.push_back("ping " + payload); break;
        case WSLAY_PONG: events.push_back("pong " + payload); break;
        case WSLAY_CONNECTION_CLOSE:
            if (payload.size() != 1) // which it refuses after this call
                events.push_back(describe_frame({.kind = 8}, payload));
            break;
        default: events.push_back("message " + payload);
        }
    }

    wslay_event_context_ptr context_ = nullptr;
    std::string bytes_;
    std::size_t at_ = 0;
};

/// Makes up the bytes of a client.
class conversation {
public:
    explicit conversation(unsigned seed) : random_{seed} {}

    std::string make() {
        std::string bytes;
        for (std::size_t count = 1 + below(6); count != 0; --count)
            bytes += below(3) == 0 ? fragmented() : one();
        if (below(3) == 0 && !bytes.empty())
            bytes[below(bytes.size())] = static_cast<char>(random_());
        if (below(6) == 0)
            bytes.resize(below(bytes.size()));
        return bytes;
    }

    std::size_t below(std::size_t end) { return random_() % end; }

private:
    std::string one() {
        switch (below(10)) {
        case 0: return masked_frame(frame_kind::ping, payload(126));
        case 1: return masked_frame(frame_kind::pong, payload(126));
        case 2: return masked_frame(frame_kind::binary, payload(oracle_limit + 20));
        case 3: return below(4) == 0 ? masked_close(codes[below(std::size(codes))], text()) : one();
        case 4: return masked_frame(frame_kind::binary, payload(300));
        case 5: return raw_frame(static_cast<unsigned>(below(16)), payload(5), {.last = below(2) == 0});
        case 6: return below(4) == 0 ? raw_frame(1, "x", {.reserved = static_cast<unsigned>(below(8))}) : one();
        default: return masked_frame(frame_kind::text, text());
        }
    }

    std::string fragmented() {
        const bool is_text = below(2) == 0;
        std::string bytes = masked_frame(is_text ? frame_kind::text : frame_kind::binary, text(), false);
        for (std::size_t count = below(4); count != 0; --count) {
            if (below(3) == 0)
                bytes += masked_frame(frame_kind::ping, payload(20));
            bytes += masked_frame(frame_kind::continuation, text(), false);
        }
        return bytes + masked_frame(frame_kind::continuation, text());
    }

    std::string payload(std::size_t most) {
        std::string made(below(most + 1), '\0');
        for (char& each : made)
            each = static_cast<char>(random_());
        return made;
    }

    std::string text() {
        static const std::string pieces[] = {"a", "bc", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xED\x9F\xBF"};
        static const std::string broken[] = {"\xC3", "\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\xFF"};
        std::string made;
        for (std::size_t count = below(12); count != 0; --count)
            made += below(60) == 0 ? broken[below(std::size(broken))] : pieces[below(std::size(pieces))];
        return made;
    }

    // Those of 1012 to 1014 were registered after wslay was written.
    static constexpr unsigned codes[] = {0,    999,  1000, 1001, 1002, 1004, 1005, 1006,
                                         1007, 1011, 1016, 2999, 3000, 4999, 5000};
    std::minstd_rand random_;
};

} // namespace

TEST(wslay, agrees_on_the_messages_and_errors_of_random_conversations) {
    constexpr unsigned conversations = 20'000;
    unsigned errors = 0, closes = 0, messages = 0;
    for (unsigned seed = 1; seed <= conversations; ++seed) {
        conversation talk{seed};
        const std::string bytes = talk.make();
        frame_run own{websocket_rules{.max_message = oracle_limit}};
        for (std::size_t at = 0; at < bytes.size();) {
            const std::size_t piece = 1 + talk.below(talk.below(2) == 0 ? 3 : bytes.size());
            own.arrive(bytes_view{bytes}.from(at).first(piece));
            at += piece;
        }
        // wslay looks at a header once it is whole.
        oracle other{own.error() == frame_error::none ? bytes : bytes + std::string(max_frame_header, '\0')};
        other.finish();
        // It looks at the reason of a Close while it arrives, and before it looks at the code.
        const bool by_reason = !other.events.empty() && other.events.back() == "error 1007";
        if (by_reason && own.error() == frame_error::wrong_close)
            other.events.back() = "error 1002";
        else if (by_reason && own.inside_control_frame())
            other.events.pop_back();
        ASSERT_EQ(own.events(), other.events) << "seed " << seed << ": " << escape(bytes, 4000);
        ASSERT_EQ(own.violation(), "");
        if (own.error() != frame_error::none)
            ++errors;
        else if (own.ended())
            ++closes;
        messages += static_cast<unsigned>(own.events().size());
    }
    EXPECT_GT(errors, conversations / 10) << "the conversations are too good";
    EXPECT_GT(closes, conversations / 100);
    EXPECT_GT(messages, conversations);
}

} // namespace fairlead::test
