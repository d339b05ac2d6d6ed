#include "channel/send_queue.hpp"

#include "core/block_pool.hpp"

#include "support/short_frame.hpp"
#include "support/test_stream.hpp"

#include <fairlead/framing/length_prefixed.hpp>

#include <exception>
#include <gtest/gtest.h>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

/// Takes so many bytes, or fails.
class counted_stream final : public test_stream {
public:
    result<std::size_t> try_write(bytes_view bytes) override { return try_write_both(bytes, {}); }
    result<std::size_t> try_write_both(bytes_view head, bytes_view body) override {
        if (failure)
            return failure;
        if (room == 0)
            return errc::would_block;
        const std::string all = to_string(head) + to_string(body);
        const std::size_t size = std::min(all.size(), room);
        room -= size;
        writes.push_back(all.substr(0, size));
        if (thrown)
            std::rethrow_exception(thrown);
        return size;
    }
    std::string written() const {
        std::string all;
        for (const std::string& each : writes)
            all += each;
        return all;
    }

    result<std::size_t> try_fill(byte_buffer&, std::size_t) override { return errc::would_block; }

    std::size_t room = std::numeric_limits<std::size_t>::max();
    error_code failure;
    std::exception_ptr thrown; // behind a write
    std::vector<std::string> writes;
};

/// Counts how often a header is encoded.
class counting_framing {
public:
    counting_framing(std::shared_ptr<int> encoded, bool keeps) : encoded_{std::move(encoded)}, keeps_{keeps} {}
    result<decoded> decode(bytes_view input) { return inner_.decode(input); }
    result<decoded> finish(bytes_view input) { return inner_.finish(input); }
    result<void> encode(bytes_view message, byte_buffer& output) {
        ++*encoded_;
        return inner_.encode(message, output);
    }
    result<void> encode_header(bytes_view message, byte_buffer& output) {
        ++*encoded_;
        return inner_.encode_header(message, output);
    }
    bool keeps_headers() const noexcept { return keeps_; }

private:
    std::shared_ptr<int> encoded_;
    length_prefixed inner_{{.width = 1}};
    bool keeps_;
};

/// Takes one message at a time.
class one_at_a_time final : public message_sink_for<one_at_a_time> {
public:
    bool take_message(bytes_view) override { return false; }
};

class send_queue_test : public ::testing::Test {
protected:
    /// The next message of the reader is in hand.
    bytes_view next() {
        const receive_outcome outcome = reader.read(sink, replies).value();
        EXPECT_EQ(outcome, reader.input().empty() ? receive_outcome::exhausted : receive_outcome::stopped);
        return replies.in_hand();
    }
    output_progress send(bytes_view message) { return queue.queue(message, path()).value(); }
    void arrive(const std::string& bytes) { reader.input().append(bytes); }
    output_path path() { return {reader, replies, wire}; }
    std::span<unsigned char> writable(bytes_view part) { return replies.writable(part, reader.input()); }

    explicit send_queue_test(const framing& rules = framing{length_prefixed{{.width = 1}}})
        : reader{rules, blocks}, queue{blocks} {}

    block_pool blocks;
    in_place_replies replies;
    message_reader reader;
    send_queue queue;
    counted_stream wire;
    one_at_a_time sink;
};

class send_queue_of_kept_headers : public send_queue_test {
protected:
    send_queue_of_kept_headers() : send_queue_test{framing{counting_framing{encoded, true}}} {}
    static inline const auto encoded = std::make_shared<int>(0);
};

class send_queue_of_own_headers : public send_queue_test {
protected:
    send_queue_of_own_headers() : send_queue_test{framing{counting_framing{encoded, false}}} {}
    static inline const auto encoded = std::make_shared<int>(0);
};

class send_queue_of_large_messages : public send_queue_test {
protected:
    send_queue_of_large_messages() : send_queue_test{framing{length_prefixed{}}} {}
};

} // namespace

TEST_F(send_queue_of_kept_headers, gathers_replies_in_place_without_a_copy_and_without_encoding_them) {
    const std::string burst = frame("one") + frame("") + frame("three");
    arrive(burst);
    EXPECT_EQ(send(next()).queued, 4u);
    EXPECT_EQ(send(next()).queued, 5u);
    EXPECT_EQ(send(next()).queued, burst.size());
    EXPECT_EQ(queue.capacity(), 0u);
    EXPECT_EQ(*encoded, 0);
    const output_progress done = queue.write(path());
    EXPECT_EQ(done.written, burst.size());
    EXPECT_EQ(done.queued, 0u);
    EXPECT_EQ(done.state, output_state::open);
    EXPECT_EQ(wire.writes, std::vector<std::string>{burst});
}

TEST_F(send_queue_of_own_headers, are_encoded_once_each) {
    arrive(frame("one") + frame("two"));
    send(next());
    send(next());
    EXPECT_EQ(*encoded, 2);
    EXPECT_EQ(queue.capacity(), 0u) << "they are in place all the same";
    queue.write(path());
    EXPECT_EQ(wire.writes, std::vector<std::string>{frame("one") + frame("two")});
}

TEST_F(send_queue_test, keeps_the_order_of_copies_and_replies_in_place) {
    arrive(frame("one") + frame("two"));
    send("first");
    const bytes_view one = next();
    send(one);
    send(one);
    send("then");
    send(next());
    queue.write(path());
    EXPECT_EQ(wire.writes,
              std::vector<std::string>{frame("first") + frame("one") + frame("one") + frame("then") + frame("two")});
}

TEST_F(send_queue_test, writes_a_header_anew_where_that_of_a_part_was_written_over_it) {
    arrive(frame("message"));
    const bytes_view message = next();
    send(message.first(3));
    queue.write(path());
    send(message);
    queue.write(path());
    EXPECT_EQ(wire.written(), frame("mes") + frame("message"));
}

TEST_F(send_queue_test, copies_what_the_stream_does_not_take) {
    const std::string burst = frame("one") + frame("two");
    for (std::size_t room = 0; room < burst.size(); ++room) {
        SCOPED_TRACE(room);
        counted_stream slow;
        slow.room = room;
        arrive(burst + frame("three"));
        send(next());
        send(next());
        const output_progress part = queue.write({reader, replies, slow});
        EXPECT_EQ(part.written, room);
        EXPECT_EQ(part.queued, burst.size() - room);
        EXPECT_EQ(part.state, output_state::blocked);
        EXPECT_EQ(send(next()).state, output_state::blocked);
        reader.input().release();
        slow.room = 1'000;
        EXPECT_EQ(queue.write({reader, replies, slow}).state, output_state::open);
        EXPECT_EQ(slow.written(), burst + frame("three"));
        EXPECT_EQ(queue.capacity(), 0u);
    }
}

TEST_F(send_queue_test, copies_replies_before_their_input_changes) {
    arrive(frame("one"));
    send(next());
    queue.leave_input(replies);
    EXPECT_EQ(replies.in_hand().data(), nullptr);
    reader.input().release();
    EXPECT_EQ((queue.copied() + replies.size()), 4u);
    queue.write(path());
    EXPECT_EQ(wire.written(), frame("one"));
}

TEST_F(send_queue_of_large_messages, are_written_at_once) {
    const std::string large(40'000, 'l');
    const output_progress done = send(large);
    EXPECT_EQ(done.written, large.size() + 4);
    EXPECT_EQ(done.queued, 0u);
    EXPECT_EQ(wire.writes.size(), 1u);
}

TEST_F(send_queue_of_large_messages, that_are_written_before_a_refused_message_are_reported_by_the_next_call) {
    const std::string large = std::string{"\0\0\x9C\x40", 4} + std::string(40'000, 'l');
    const auto refuse = [](byte_buffer&) -> result<void> { return errc::malformed; };
    for (const bool in_parts : {false, true}) {
        wire.writes.clear();
        arrive(large);
        EXPECT_EQ(send(next()).queued, large.size());
        const auto refused =
            in_parts ? queue.queue_part({}, path(), refuse) : queue.queue(std::string(2 << 20, 'x'), path());
        EXPECT_FALSE(refused);
        EXPECT_EQ(queue.write(path()).written, large.size());
        EXPECT_EQ(wire.written(), large);
        EXPECT_EQ(queue.write(path()).written, 0u);
    }
}

TEST_F(send_queue_test, goes_on_after_a_message_that_its_framing_refuses) {
    EXPECT_EQ(queue.queue(std::string(300, 'x'), path()).error(), errc::message_too_large);
    EXPECT_EQ((queue.copied() + replies.size()), 0u);
    EXPECT_EQ(send("fits").queued, 5u);
}

TEST_F(send_queue_test, fails_for_good_when_its_stream_does) {
    send("lost");
    wire.failure = errc::closed;
    const output_progress done = queue.write(path());
    EXPECT_EQ(done.state, output_state::failed);
    EXPECT_EQ(done.queued, 0u);
    EXPECT_EQ(queue.failure(), errc::closed);
    EXPECT_EQ(queue.queue("more", path()).error(), errc::closed);
}

TEST_F(send_queue_test, fails_for_good_when_its_stream_throws) {
    send("perhaps sent");
    wire.room = 3;
    wire.thrown = std::make_exception_ptr(std::bad_alloc{});
    EXPECT_THROW(queue.write(path()), std::bad_alloc);
    EXPECT_EQ(queue.failure(), make_error_code(boost::system::errc::not_enough_memory));
    EXPECT_EQ(queue.copied(), 0u);
    wire.thrown = nullptr;
    wire.room = 1'000;
    EXPECT_EQ(queue.queue("more", path()).error(), queue.failure());
    EXPECT_EQ(wire.written().size(), 3u) << "bytes were written again";
}

TEST_F(send_queue_test, names_an_exception_that_is_not_about_memory_an_io_error) {
    send("perhaps sent");
    wire.thrown = std::make_exception_ptr(std::runtime_error{"of a stream"});
    EXPECT_THROW(queue.write(path()), std::runtime_error);
    EXPECT_EQ(queue.failure(), make_error_code(boost::system::errc::io_error));
}

TEST_F(send_queue_test, has_nothing_to_write_over_of_what_is_queued_in_place) {
    arrive(frame("one"));
    const bytes_view one = next();
    EXPECT_EQ(writable(one).size(), 3u);
    send(one);
    EXPECT_TRUE(writable(one).empty());
    queue.write(path());
    EXPECT_EQ(writable(one).size(), 3u);
}

TEST_F(send_queue_test, writes_encoded_messages_at_once_and_without_a_copy) {
    const output_progress done = queue.queue_encoded(frame("one") + frame("two"), path()).value();
    EXPECT_EQ(done.written, 8u);
    EXPECT_EQ(done.queued, 0u);
    EXPECT_EQ(queue.capacity(), 0u);
    EXPECT_EQ(wire.writes, std::vector<std::string>{frame("one") + frame("two")});
}

TEST_F(send_queue_test, keeps_the_rest_of_encoded_messages_and_those_that_follow) {
    wire.room = 5;
    const output_progress begun = queue.queue_encoded(frame("one") + frame("two"), path()).value();
    EXPECT_EQ(begun.state, output_state::blocked);
    EXPECT_EQ(begun.queued, 3u);
    EXPECT_EQ(queue.queue_encoded(frame("three"), path()).value().queued, 9u);
    wire.room = 100;
    EXPECT_EQ(queue.write(path()).state, output_state::open);
    EXPECT_EQ(wire.written(), frame("one") + frame("two") + frame("three"));
}

TEST_F(send_queue_test, writes_encoded_messages_behind_replies_and_copies) {
    arrive(frame("reply"));
    send(next());
    send("copy");
    EXPECT_EQ(queue.queue_encoded(frame("shared"), path()).value().queued, 0u);
    EXPECT_EQ(wire.written(), frame("reply") + frame("copy") + frame("shared"));
}

TEST_F(send_queue_test, takes_no_encoded_messages_once_it_has_failed) {
    wire.failure = errc::closed;
    EXPECT_EQ(queue.queue_encoded(frame("one"), path()).value().state, output_state::failed);
    EXPECT_EQ(queue.queue_encoded(frame("one"), path()).error(), errc::closed);
}

} // namespace fairlead::test
