// TLS between two sessions, and the duties of a stream; tls_peers_test.cpp has the handshake with all kinds of peers.

#include "support/tls_fixture.hpp"
#include "support/tls_hello.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/session.hpp>

#include <random>
#include <string_view>

using namespace std::literals;

namespace fairlead::test {

namespace {

class tls_sessions : public tls_fixture {
protected:
    static boost::asio::awaitable<void> echo(std::shared_ptr<session> peer, std::string& ended) {
        while (const auto message = co_await peer->receive())
            peer->send(*message);
        ended = peer->close_reason().code.message();
        co_await peer->close_gracefully();
    }

    // Sends all at once, and reads the replies beside.
    static boost::asio::awaitable<void> ask(std::shared_ptr<session> peer, std::vector<std::string> messages,
                                            std::vector<std::string>& replies, std::string& ended) {
        for (const std::string& each : messages)
            peer->send(each);
        while (replies.size() < messages.size()) {
            const auto reply = co_await peer->receive();
            if (!reply)
                break;
            replies.push_back(to_string(*reply));
        }
        co_await peer->shutdown();
        const auto last = co_await peer->receive();
        ended = last ? "more" : last.error().message();
        co_await peer->close_gracefully();
    }

    static boost::asio::awaitable<void> flush(std::shared_ptr<session> peer, bool& flushed) {
        const auto done = co_await peer->flush();
        flushed = done.has_value();
    }

    static boost::asio::awaitable<void> reply_at_end(std::shared_ptr<session> peer, std::string reply) {
        while (const auto message = co_await peer->receive())
            (void)message;
        peer->send(reply);
        co_await peer->close_gracefully();
    }

    std::shared_ptr<session> session_of(tls_end& end) {
        limits bounds;
        bounds.max_write_buffer = 64 << 20;
        bounds.write_high_watermark = 32 << 20;
        return session::create(home, std::move(end.transport), length_prefixed{{.width = 4}}, bounds);
    }

    // Runs a client that sends `messages` to an echo; returns the replies.
    std::vector<std::string> exchange(const std::vector<std::string>& messages, std::size_t cut = uncut) {
        std::vector<std::string> replies;
        start(home, echo(session_of(server), server_ended));
        start(home, ask(session_of(client), messages, replies, client_ended));
        carry(client, server, cut);
        return replies;
    }

    static std::vector<std::string> random_messages(std::size_t count, std::size_t most) {
        std::mt19937 random{7};
        std::vector<std::string> made;
        while (made.size() < count)
            made.push_back(std::string(random() % most, static_cast<char>('a' + made.size() % 26)));
        return made;
    }

    tls_end server = make_server();
    tls_end client = make_client();
    std::string server_ended;
    std::string client_ended;
};

const std::string closed = make_error_code(errc::closed).message();

boost::asio::awaitable<void> tell_reason(std::shared_ptr<session> peer, std::string& reason) {
    co_await peer->receive();
    reason = peer->close_reason().message();
    peer->abort(errc::closed);
}

} // namespace

TEST_F(tls_sessions, name_the_fault_that_ended_them) {
    std::string reason;
    start(home, tell_reason(session_of(server), reason));
    server.far.send("GET / HTTP/1.1\r\n\r\n");
    run_ready(home);
    EXPECT_NE(reason.find("an HTTP request"), std::string::npos) << reason;
}

TEST_F(tls_sessions, tell_the_outcome_of_the_handshake) {
    const auto peer = session_of(server);
    EXPECT_TRUE(peer->tls());
    peer->abort(errc::closed);
    auto plain = testkit::make_memory_stream(home);
    const auto other = session::create(home, std::move(plain.near), length_prefixed{});
    EXPECT_FALSE(other->tls());
    other->abort(errc::closed);
}

TEST_F(tls_sessions, carry_messages_both_ways) {
    const std::vector<std::string> messages{"hello", "", std::string(100'000, 'x')};
    EXPECT_EQ(exchange(messages), messages);
    EXPECT_EQ(server_ended, closed);
    EXPECT_EQ(client_ended, closed);
    EXPECT_EQ(client.far.received().find("hello"), std::string::npos);
}

TEST_F(tls_sessions, carry_messages_however_the_bytes_arrive) {
    const auto messages = random_messages(5, 300);
    for (const std::size_t cut : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 13u, 64u, 1000u}) {
        server = make_server();
        client = make_client();
        EXPECT_EQ(exchange(messages, cut), messages) << cut;
        EXPECT_EQ(server_ended + client_ended, closed + closed) << cut;
        server_ended = client_ended = "";
    }
}

TEST_F(tls_sessions, carry_messages_of_all_sizes_in_both_directions_at_once) {
    auto messages = random_messages(100, 40'000);
    for (const std::size_t size : {16'379u, 16'380u, 16'381u, 16'384u, 32'764u, 65'536u, 1'000'000u})
        messages.push_back(std::string(size, 'q'));
    EXPECT_EQ(exchange(messages, 5'000), messages);
}

TEST_F(tls_sessions, go_on_behind_the_last_byte_that_a_full_peer_took) {
    const auto messages = random_messages(20, 40'000);
    std::vector<std::string> replies;
    start(home, echo(session_of(server), server_ended));
    start(home, ask(session_of(client), messages, replies, client_ended));
    std::mt19937 random{3};
    for (int round = 0; client_ended.empty() && round < 20'000; ++round) {
        client.far.read_at_most(random() % 2'000);
        server.far.read_at_most(random() % 2'000);
        run_ready(home);
        carry_once(client, server, 1'000);
        carry_once(server, client, 1'000);
    }
    EXPECT_EQ(client_ended, closed);
    EXPECT_EQ(replies, messages);
}

TEST_F(tls_sessions, write_a_header_and_its_message_in_one_record) {
    ASSERT_FALSE(shake_hands(server, client).first);
    const std::size_t begin = client.far.received().size();
    const auto sender = session_of(client);
    sender->send("hello");
    run_ready(home);
    EXPECT_EQ(record_sizes(client.far.received().substr(begin)).size(), 1u);
    const std::size_t next = client.far.received().size();
    sender->send(std::string(40'000, 'x')); // by two pieces, the header and the message
    run_ready(home);
    EXPECT_EQ(record_sizes(client.far.received().substr(next)).size(), 3u);
    EXPECT_EQ(client.far.writes().size(), 4u); // two for the handshake
    sender->abort(errc::closed);
}

TEST_F(tls_sessions, gather_the_messages_of_a_turn_in_one_record) {
    ASSERT_FALSE(shake_hands(server, client).first);
    const std::size_t begin = client.far.received().size();
    const auto sender = session_of(client);
    for (int i = 0; i < 100; ++i)
        sender->send(std::string(100, 'm'));
    run_ready(home);
    EXPECT_EQ(record_sizes(client.far.received().substr(begin)).size(), 1u);
    sender->abort(errc::closed);
}

TEST_F(tls_sessions, are_flushed_once_the_transport_has_taken_every_byte) {
    ASSERT_FALSE(shake_hands(server, client).first);
    const auto sender = session_of(server);
    server.far.read_at_most(10);
    sender->send("hello");
    bool flushed = false;
    start(home, flush(sender, flushed));
    run_ready(home);
    EXPECT_FALSE(flushed);
    server.far.read_everything();
    run_ready(home);
    EXPECT_TRUE(flushed);
    sender->abort(errc::closed);
}

TEST_F(tls_sessions, close_behind_the_last_byte_that_a_full_peer_takes_after_its_own_end) {
    ASSERT_FALSE(shake_hands(server, client).first);
    client.tls->shutdown();
    carry_once(client, server);
    server.far.read_at_most(10);
    start(home, reply_at_end(session_of(server), "hello"));
    run_ready(home);
    EXPECT_FALSE(server.far.closed());
    server.far.read_everything();
    run_ready(home);
    EXPECT_TRUE(server.far.closed());
    carry_once(server, client);
    error_code last;
    EXPECT_EQ(read_all(*client.tls, last), "\0\0\0\5hello"sv);
    EXPECT_EQ(last, errc::closed);
}

TEST_F(tls_sessions, end_by_truncated_without_a_close_notify) {
    ASSERT_FALSE(shake_hands(server, client).first);
    start(home, echo(session_of(server), server_ended));
    run_ready(home);
    EXPECT_EQ(server_ended, "");
    server.far.end();
    run_ready(home);
    EXPECT_EQ(server_ended, make_error_code(errc::truncated).message());
}

TEST_F(tls_sessions, end_by_truncated_without_a_close_notify_also_behind_their_own_end) {
    ASSERT_FALSE(shake_hands(server, client).first);
    std::vector<std::string> replies;
    start(home, ask(session_of(client), {}, replies, client_ended)); // which ends its side, and reads on
    run_ready(home);
    EXPECT_TRUE(client.far.ended());
    client.far.end();
    run_ready(home);
    EXPECT_EQ(client_ended, make_error_code(errc::truncated).message());
}

namespace {

class tls_stream_duties : public tls_fixture {
protected:
    tls_stream_duties() {
        EXPECT_EQ(shake_hands(server, client), std::pair(error_code{}, error_code{}));
        read_all(*server.tls, last);
        read_all(*client.tls, last); // the ticket
    }

    void send(tls_end& from, tls_end& to, bytes_view bytes) {
        EXPECT_EQ(from.tls->try_write(bytes), bytes.size());
        carry_once(from, to);
        run_ready(home);
    }

    tls_end server = make_server();
    tls_end client = make_client();
    byte_buffer input;
    error_code last;
};

} // namespace

TEST_F(tls_stream_duties, adds_at_most_what_is_asked_for_behind_what_is_there) {
    send(client, server, "ahoy");
    input.append("> ");
    EXPECT_EQ(server.tls->try_fill(input, 3), 3u);
    EXPECT_FALSE(server.tls->drained());
    EXPECT_EQ(server.tls->try_fill(input, 3), 1u);
    EXPECT_EQ(input.data(), "> ahoy");
}

TEST_F(tls_stream_duties, takes_no_room_while_there_is_nothing_to_read) {
    EXPECT_EQ(server.tls->try_fill(input, stream::plenty).error(), errc::would_block);
    const std::string written = client.far.received();
    client.tls->try_write("hello").value();
    const std::string record = client.far.received().substr(written.size());
    server.far.send(record.substr(0, record.size() - 1));
    for (int i = 0; i < 3; ++i) {
        run_ready(home);
        EXPECT_EQ(server.tls->try_fill(input, stream::plenty).error(), errc::would_block);
    }
    EXPECT_EQ(input.capacity(), 0u);
    server.far.send(record.substr(record.size() - 1));
    EXPECT_EQ(read_all(*server.tls, last), "hello");
}

TEST_F(tls_stream_duties, gives_the_records_of_one_read_together) {
    for (int i = 0; i < 5; ++i)
        client.tls->try_write("12345").value();
    const std::string all = client.far.received().substr(client.carried);
    client.carried += all.size();
    server.far.send(all);
    run_ready(home);
    EXPECT_EQ(server.tls->try_fill(input, stream::plenty), 25u);
}

TEST_F(tls_stream_duties, reports_a_full_peer_and_takes_the_last_byte_once_all_is_handed_on) {
    server.far.read_at_most(10);
    EXPECT_EQ(server.tls->try_write("hello"), 4u);
    EXPECT_EQ(server.tls->try_write("o").error(), errc::would_block);
    server.far.read_everything();
    run_ready(home); // the rest leaves by itself
    EXPECT_EQ(server.tls->try_write_both("o", "more"), 5u);
    carry_once(server, client);
    EXPECT_EQ(read_all(*client.tls, last), "hellomore");
}

TEST_F(tls_stream_duties, reports_a_full_peer_for_a_single_byte_and_encrypts_it_once) {
    server.far.read_at_most(10);
    EXPECT_EQ(server.tls->try_write("x").error(), errc::would_block);
    EXPECT_EQ(server.tls->try_write("xy").error(), errc::would_block);
    server.far.read_everything();
    EXPECT_EQ(server.tls->try_write("x"), 1u);
    carry_once(server, client);
    EXPECT_EQ(read_all(*client.tls, last), "x");
}

TEST_F(tls_stream_duties, takes_only_a_little_more_than_a_full_peer) {
    server.far.read_at_most(10);
    const auto taken = server.tls->try_write(std::string(1 << 20, 'x'));
    ASSERT_TRUE(taken);
    EXPECT_LE(*taken, 64u * 1024);
    EXPECT_GT(*taken, 0u);
}

TEST_F(tls_stream_duties, goes_on_in_one_direction_after_the_other_has_ended) {
    send(client, server, "last words");
    client.tls->shutdown();
    EXPECT_TRUE(client.far.ended());
    EXPECT_EQ(client.tls->try_write("x").error(), errc::closed);
    carry_once(client, server);
    EXPECT_EQ(read_all(*server.tls, last), "last words");
    EXPECT_EQ(last, errc::closed);
    for (int i = 0; i < 3; ++i)
        send(server, client, "still here");
    server.tls->shutdown();
    carry_once(server, client);
    EXPECT_EQ(read_all(*client.tls, last), "still herestill herestill here");
    EXPECT_EQ(last, errc::closed);
}

TEST_F(tls_stream_duties, ends_behind_bytes_that_the_peer_takes_late) {
    server.far.read_at_most(3);
    server.tls->try_write("hello").value();
    server.tls->shutdown();
    run_ready(home);
    EXPECT_FALSE(server.far.ended());
    server.far.read_everything();
    run_ready(home);
    EXPECT_TRUE(server.far.ended());
    carry_once(server, client);
    EXPECT_EQ(read_all(*client.tls, last), "hello");
    EXPECT_EQ(last, errc::closed);
}

TEST_F(tls_stream_duties, tells_an_end_without_close_notify_apart) {
    server.far.end();
    EXPECT_EQ(read_all(*server.tls, last), "");
    EXPECT_EQ(last, errc::truncated);
    client.tls->shutdown();
    client.far.end();
    EXPECT_EQ(read_all(*client.tls, last), "");
    EXPECT_EQ(last, errc::truncated) << "our own end does not make it one that the peer has announced";
}

TEST_F(tls_stream_duties, passes_errors_of_the_inner_stream_on) {
    const error_code reset = make_error_code(boost::system::errc::connection_reset);
    server.far.fail_operation(server.far.operations() + 1, reset);
    EXPECT_EQ(server.tls->try_fill(input, stream::plenty).error(), reset);
    EXPECT_EQ(server.tls->try_fill(input, stream::plenty).error(), reset);
    client.far.fail_operation(client.far.operations() + 1, reset);
    EXPECT_EQ(client.tls->try_write("lost").error(), reset);
    EXPECT_EQ(client.tls->try_write("x").error(), reset);
}

TEST_F(tls_stream_duties, counts_the_memory_of_openssl_for_the_budget_of_the_buffers) {
    const auto counted = [this] { return core_of(home).blocks().leased(); };
    const std::size_t before = counted();
    EXPECT_EQ(server.tls->held() + client.tls->held(), before);
    tls_end third = make_server();
    EXPECT_EQ(counted(), before); // nothing of OpenSSL exists
    third.far.send(make_client_hello("echo.example"));
    read_all(*third.tls, last);
    EXPECT_GT(third.tls->held(), server.tls->held());
    EXPECT_EQ(counted(), before + third.tls->held());
    third.transport.reset();
    EXPECT_EQ(counted(), before);
    server.transport.reset();
    EXPECT_EQ(counted(), client.tls->held());
}

TEST_F(tls_stream_duties, does_nothing_any_more_after_close) {
    server.tls->close();
    server.tls->close();
    EXPECT_TRUE(server.far.closed());
    EXPECT_EQ(server.tls->try_fill(input, stream::plenty).error(), errc::closed);
    EXPECT_EQ(server.tls->try_write("x").error(), errc::closed);
    EXPECT_EQ(server.tls->handshake().error(), errc::closed);
    server.tls->shutdown();
    EXPECT_EQ(server.tls->info().cipher.empty(), false);
}

TEST_F(tls_stream_duties, may_be_closed_by_the_inner_stream) {
    send(client, server, "hello");
    server.far.at_operation(server.far.operations() + 1, [&] { server.tls->close(); });
    EXPECT_EQ(server.tls->try_fill(input, stream::plenty).error(), errc::closed);
    client.far.at_operation(client.far.operations() + 1, [&] { client.tls->close(); });
    EXPECT_EQ(client.tls->try_write("hello").error(), errc::closed);
}

TEST_F(tls_stream_duties, refuses_a_record_that_was_changed_and_sends_an_alert) {
    client.tls->try_write("hello").value();
    std::string record = client.far.received().substr(client.carried);
    record.back() = static_cast<char>(record.back() ^ 1);
    server.far.send(record);
    EXPECT_EQ(read_all(*server.tls, last), "");
    EXPECT_EQ(last, tls_errc::malformed);
    EXPECT_EQ(server.tls->try_write("x").error(), tls_errc::malformed);
    EXPECT_NE(server.tls->explain().find("bad record mac"), std::string::npos) << server.tls->explain();
    carry_once(server, client);
    read_all(*client.tls, last);
    EXPECT_EQ(last.category(), tls_alert_category());
    EXPECT_TRUE(last.message().starts_with("bad_record_mac")) << last.message();
}

TEST_F(tls_stream_duties, refuses_bytes_that_are_no_record) {
    server.far.send("GET / HTTP/1.1\r\n\r\n");
    read_all(*server.tls, last);
    EXPECT_EQ(last, tls_errc::malformed);
    EXPECT_NE(server.tls->explain().find("an HTTP request"), std::string::npos);
}

TEST_F(tls_stream_duties, refuses_a_record_that_is_too_large) {
    server.far.send("\x17\3\3\x48\1" + std::string(0x4801, 'x')); // one byte more than encryption may add
    read_all(*server.tls, last);
    EXPECT_EQ(last, tls_errc::malformed);
}

} // namespace fairlead::test
