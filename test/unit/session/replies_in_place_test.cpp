#include "support/effort.hpp"
#include "support/session_fixture.hpp"

#include <fairlead/framing/parse.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/uppercase.hpp>

#include <algorithm>
#include <random>

namespace fairlead::test {

namespace {

/// A reply that is the message itself leaves from where it was received; nothing else about it is different.
class replies_in_place : public session_fixture {
protected:
    std::shared_ptr<session_impl> start_serving(handler what, const limits& bounds = {}) {
        return start_serving(std::move(what), framing{short_frames()}, bounds);
    }

    std::shared_ptr<session_impl> start_serving(handler what, framing rules, const limits& bounds = {}) {
        auto peer = make_session(std::move(rules), bounds);
        start(home, serve_and_finish(peer, std::move(what)));
        run_ready(home);
        return peer;
    }

    static boost::asio::awaitable<void> serve_and_finish(std::shared_ptr<session> peer, handler what) {
        co_await what.serve(*peer);
        co_await peer->close_gracefully();
    }
};

/// Gives messages that stand somewhere else than in the input, which a framing should not.
class copying_framing {
public:
    result<decoded> decode(bytes_view input) {
        auto step = inner_.decode(input);
        if (step && step->message) {
            copy_ = to_string(*step->message);
            step->message = copy_;
        }
        return step;
    }
    result<decoded> finish(bytes_view input) { return inner_.finish(input); }
    result<void> encode(bytes_view message, byte_buffer& output) { return inner_.encode(message, output); }
    result<void> encode_header(bytes_view message, byte_buffer& output) {
        return inner_.encode_header(message, output);
    }

private:
    length_prefixed inner_{{.width = 1}};
    std::string copy_;
};

/// Writes longer heads than it reads.
class growing_framing {
public:
    result<decoded> decode(bytes_view input) { return short_.decode(input); }
    result<decoded> finish(bytes_view input) { return short_.finish(input); }
    result<void> encode(bytes_view message, byte_buffer& output) { return long_.encode(message, output); }
    result<void> encode_header(bytes_view message, byte_buffer& output) { return long_.encode_header(message, output); }

private:
    length_prefixed short_{{.width = 1}};
    length_prefixed long_{{.width = 8}};
};

/// Numbers what it writes, and refuses what begins with an "x".
class numbering_framing {
public:
    result<decoded> decode(bytes_view input) { return short_.decode(input); }
    result<decoded> finish(bytes_view input) { return short_.finish(input); }
    result<void> encode(bytes_view message, byte_buffer& output) {
        const auto written = encode_header(message, output);
        if (written)
            output.append(message);
        return written;
    }
    result<void> encode_header(bytes_view message, byte_buffer& output) {
        if (message.text().starts_with('x'))
            return errc::malformed;
        output.push_back(static_cast<unsigned char>('0' + number_++));
        return {};
    }

private:
    length_prefixed short_{{.width = 1}};
    int number_ = 0;
};

/// What a handler does with one message after another, drawn at random, and what the peer has to get for it.
class any_replies {
public:
    any_replies(framing rules, unsigned seed) : rules_{std::move(rules)}, random_{seed} {}

    void operator()(bytes_view message, peer& from) {
        const std::string own(draw(300), 'o');
        if (draw(2) == 0)
            std::ranges::fill(from.writable(message), static_cast<unsigned char>('!'));
        switch (draw(8)) {
        case 0: break;
        case 1: reply(message.first(draw(message.size())), from); break;
        case 2: reply(message.from(draw(message.size())), from); break;
        case 6: {
            const std::size_t middle = draw(message.size());
            reply(message.first(middle), from);
            std::ranges::fill(from.writable(message.from(middle)), static_cast<unsigned char>('?'));
            reply(message.from(middle), from);
            break;
        }
        case 3: reply(own, from); [[fallthrough]];
        case 4: reply(message, from); [[fallthrough]];
        case 5: reply(message, from); break;
        default:
            reply(message, from);
            if (draw(4) == 0)
                reply(draw(8) == 0 ? std::string(40'000, 'O') : own, from);
        }
    }

    std::string message() { return std::string(draw(30) == 0 ? 33'000 : draw(300), static_cast<char>('a' + draw(25))); }
    std::string framed(bytes_view message) {
        byte_buffer output;
        EXPECT_TRUE(rules_.encode(message, output));
        return to_string(output.data());
    }
    std::size_t draw(std::size_t most) { return random_() % (most + 1); }
    const std::string& expected() const { return expected_; }

private:
    void reply(bytes_view bytes, peer& from) {
        expected_ += framed(bytes);
        EXPECT_TRUE(from.send(bytes));
    }

    framing rules_;
    std::mt19937 random_;
    std::string expected_;
};

} // namespace

TEST_F(replies_in_place, leave_in_one_write_and_take_no_second_block) {
    std::vector<std::size_t> held;
    const auto peer = start_serving([&](bytes_view message, fairlead::peer& from) {
        from.send(message);
        held.push_back(core_of(home).blocks().leased());
    });
    const std::string burst = frame("one") + frame("two") + frame("") + frame("three");
    far.send(burst.substr(0, burst.size() - 1));
    run_ready(home);
    EXPECT_EQ(far.writes(), std::vector<std::string>{frame("one") + frame("two") + frame("")});
    EXPECT_EQ(held, (std::vector<std::size_t>(3, block_pool::block_size)));
    far.send("e");
    run_ready(home);
    EXPECT_EQ(far.received(), burst);
}

TEST_F(replies_in_place, are_part_of_what_is_queued) {
    std::size_t queued = 0;
    const auto peer = start_serving([&](bytes_view message, fairlead::peer& from) {
        from.send(message);
        queued = dynamic_cast<session_impl&>(from).queued();
    });
    far.send(frame("one") + frame("two"));
    run_ready(home);
    EXPECT_EQ(queued, 8U);
    EXPECT_EQ(peer->queued(), 0U);
}

TEST_F(replies_in_place, are_counted_by_their_session_at_once) {
    std::uint64_t inside = 0;
    const auto peer = start_serving([&](bytes_view message, fairlead::peer& from) {
        from.send(message);
        inside = dynamic_cast<session_impl&>(from).counts().messages_out;
    });
    far.send(frame("one") + frame("two"));
    run_ready(home);
    EXPECT_EQ(inside, 2U);
    const session_counts counted = peer->counts();
    EXPECT_EQ(counted.messages_in, 2U);
    EXPECT_EQ(counted.messages_out, 2U);
    EXPECT_EQ(counted.bytes_in, 8U);
    EXPECT_EQ(counted.bytes_out, 8U);
}

TEST_F(replies_in_place, are_kept_while_the_peer_does_not_read) {
    const std::string first = frame("one") + frame("two");
    const std::string second = frame("three") + frame("four");
    for (std::size_t room = 0; room <= first.size(); ++room) {
        const auto peer = start_serving(echo());
        far.read_at_most(room);
        far.send(first);
        run_ready(home);
        EXPECT_EQ(far.received(), first.substr(0, room));
        EXPECT_EQ(peer->queued(), first.size() - room);
        far.send(second);
        run_ready(home);
        far.read_everything();
        run_ready(home);
        EXPECT_EQ(far.received(), first + second) << room;
        peer->close();
        run_ready(home);
    }
}

TEST_F(replies_in_place, count_for_the_hard_limit) {
    std::vector<error_code> given;
    const auto peer =
        start_serving([&](bytes_view message, fairlead::peer& from) { given.push_back(from.send(message).error()); },
                      {.write_high_watermark = 10, .max_write_buffer = 10});
    far.read_at_most(0);
    far.send(frame("1234") + frame("1234") + frame("1234"));
    run_ready(home);
    EXPECT_EQ(given, (std::vector<error_code>{{}, {}, errc::send_queue_full}));
}

TEST_F(replies_in_place, leave_before_a_session_finishes_whose_handler_returns_or_throws) {
    for (const bool throws : {false, true}) {
        std::vector<byte_buffer> others;
        for (std::size_t i = 0; i < block_pool::max_idle; ++i)
            others.emplace_back(core_of(home).blocks()).push_back('x');
        auto peer = make_session();
        start(home,
              [](std::shared_ptr<session> self, std::vector<byte_buffer>& idle,
                 bool bad) -> boost::asio::awaitable<void> {
                  try {
                      const auto message = co_await self->receive();
                      self->send(*message);
                      idle.clear(); // so that the block of the session is freed when it is given back
                      if (bad)
                          throw std::runtime_error{"a handler"};
                  } catch (const std::runtime_error&) {}
                  co_await self->close_gracefully();
              }(peer, others, throws));
        far.send(frame("last") + frame("unread"));
        far.end();
        run_to_end(home);
        EXPECT_EQ(far.received(), frame("last"));
    }
}

TEST_F(replies_in_place, are_dropped_when_the_session_is_aborted) {
    std::size_t queued = 1;
    const auto peer = start_serving([&](bytes_view message, fairlead::peer& from) {
        from.send(message);
        auto& self = dynamic_cast<session_impl&>(from);
        self.abort(errc::closed);
        queued = self.queued();
    });
    far.send(frame("one"));
    run_to_end(home);
    EXPECT_EQ(queued, 0U);
    EXPECT_EQ(far.received(), "");
}

TEST_F(replies_in_place, are_copied_from_where_a_framing_has_its_own_messages) {
    const auto peer = start_serving(echo(), framing{copying_framing{}});
    const std::string burst = frame("one") + frame("two");
    far.send(burst);
    run_ready(home);
    EXPECT_EQ(far.received(), burst);
}

TEST_F(replies_in_place, are_copied_where_their_head_has_no_room) {
    const auto peer = start_serving(echo(), framing{growing_framing{}});
    std::string expected;
    for (const std::size_t size : {3UL, 5UL, 100UL, 6UL}) {
        const std::string message(size, 'm');
        expected += std::string(7, '\0') + frame(message);
    }
    far.send(frame("mmm") + frame("mmmmm") + frame(std::string(100, 'm')) + frame("mmmmmm"));
    run_ready(home);
    EXPECT_EQ(far.received(), expected);
}

TEST_F(replies_in_place, are_encoded_once_each) {
    std::vector<error_code> given;
    const auto peer = start_serving(
        [&](bytes_view message, fairlead::peer& from) {
            if (message != bytes_view{"-"})
                given.push_back(from.send(message).error());
            if (message == bytes_view{"both"})
                from.send("more");
        },
        framing{numbering_framing{}});
    far.send(frame("one") + frame("-") + frame("two") + frame("three") + frame("xrefused") + frame("four") +
             frame("both") + frame("-") + frame("last"));
    run_ready(home);
    EXPECT_EQ(far.received(), "0one1two2three3four4both5more6last");
    EXPECT_EQ(given, (std::vector<error_code>{{}, {}, {}, errc::malformed, {}, {}, {}}));
    EXPECT_EQ(core_of(home).counters().messages_out.value(), 7U);
}

TEST_F(replies_in_place, leave_before_a_handler_has_the_connection_closed) {
    const auto peer = start_serving([](bytes_view message, fairlead::peer& from) {
        from.send(message);
        from.close();
        EXPECT_EQ(from.send(message).error(), errc::closed);
    });
    far.send(frame("one") + frame("two"));
    far.end();
    run_to_end(home);
    EXPECT_EQ(far.received(), frame("one"));
}

TEST_F(replies_in_place, are_found_again_where_others_were_left_out) {
    std::vector<std::size_t> held;
    const std::string large(40'000, 'l');
    const auto peer = start_serving(
        [&](bytes_view message, fairlead::peer& from) {
            if (message != bytes_view{"-"})
                from.send(message);
            held.push_back(core_of(home).blocks().leased());
        },
        framing{length_prefixed{}});
    byte_buffer burst;
    for (const std::string& each : {large, std::string{"-"}, large})
        ASSERT_TRUE(length_prefixed{}.encode(each, burst));
    far.send(burst.data());
    run_ready(home);
    byte_buffer framed;
    ASSERT_TRUE(length_prefixed{}.encode(large, framed));
    EXPECT_EQ(far.writes(), (std::vector<std::string>{to_string(framed.data()), to_string(framed.data())}));
    EXPECT_EQ(held, (std::vector<std::size_t>(3, block_pool::block_size)));
}

TEST_F(replies_in_place, may_be_changed_where_they_stand) {
    const auto peer = start_serving([](bytes_view message, fairlead::peer& from) {
        const auto here = from.writable(message);
        ASSERT_EQ(here.data(), message.data());
        ASSERT_EQ(here.size(), message.size());
        here.front() = '<';
        const auto last = from.writable(message.last(1));
        ASSERT_EQ(last.size(), 1U);
        last.front() = '>';
        from.send(message);
    });
    far.send(frame("-one-") + frame("--"));
    far.send(frame("-two-"));
    run_ready(home);
    EXPECT_EQ(far.received(), frame("<one>") + frame("<>") + frame("<two>"));
}

TEST_F(replies_in_place, are_not_changed_once_they_were_sent) {
    std::size_t writable = 0;
    const auto peer = start_serving([&](bytes_view message, fairlead::peer& from) {
        from.send(message);
        for (const bytes_view each : {message, message.first(1), message.last(1)})
            writable += from.writable(each).size();
    });
    far.send(frame("one") + frame("two"));
    run_ready(home);
    EXPECT_EQ(writable, 0U);
    EXPECT_EQ(far.received(), frame("one") + frame("two"));
}

TEST_F(replies_in_place, are_the_message_in_hand_and_nothing_else) {
    const std::string own = "own";
    bytes_view before;
    std::size_t writable = 0;
    const auto peer = start_serving([&](bytes_view message, fairlead::peer& from) {
        for (const bytes_view each :
             {bytes_view{own}, bytes_view{}, before, bytes_view{message.data(), message.size() + 1},
              bytes_view{message.data() - 1, 2}})
            writable += from.writable(each).size();
        before = message;
    });
    EXPECT_TRUE(peer->writable(own).empty());
    far.send(frame("one") + frame("two") + frame("three"));
    run_ready(home);
    EXPECT_EQ(writable, 0U);
    EXPECT_TRUE(peer->writable(before).empty()) << "it waits, and has given back what the message stood in";
}

TEST_F(replies_in_place, are_not_what_a_framing_has_elsewhere) {
    std::size_t writable = 1;
    const auto peer =
        start_serving([&](bytes_view message, fairlead::peer& from) { writable = from.writable(message).size(); },
                      framing{copying_framing{}});
    far.send(frame("one"));
    run_ready(home);
    EXPECT_EQ(writable, 0U);
}

TEST_F(replies_in_place, are_made_by_uppercase) {
    std::vector<std::size_t> held;
    const auto peer = start_serving([&, upper = uppercase()](bytes_view message, fairlead::peer& from) {
        upper(message, from);
        held.push_back(core_of(home).blocks().leased());
    });
    far.send(frame("one") + frame("zwölf"));
    run_ready(home);
    EXPECT_EQ(far.writes(), std::vector<std::string>{frame("ONE") + frame("ZWöLF")});
    EXPECT_EQ(held, (std::vector<std::size_t>{block_pool::block_size, block_pool::block_size}));
}

TEST_F(replies_in_place, are_the_same_as_copies_whatever_is_sent_between_them) {
    for (const char* const name : {"length:2:le", "length", "varint", "raw", "line"}) {
        for (unsigned seed = 0; seed < (sanitized ? 12 : 60); ++seed) {
            SCOPED_TRACE(name + std::string{", seed "} + std::to_string(seed));
            const framing rules = parse_framing(name, 60'000);
            any_replies replies{rules, seed};
            const auto peer = start_serving(std::ref(replies), rules, {.write_high_watermark = 1'000});
            for (int chunk = 0; chunk < 30; ++chunk) {
                std::string bytes;
                for (std::size_t i = replies.draw(20); i != 0; --i)
                    bytes += replies.framed(replies.message());
                far.read_at_most(replies.draw(2) == 0 ? replies.draw(3'000) : 1'000'000);
                const std::size_t middle = replies.draw(bytes.size());
                far.send(bytes.substr(0, middle));
                far.send(bytes.substr(middle));
                run_ready(home);
            }
            far.end();
            far.read_everything();
            run_to_end(home);
            EXPECT_EQ(far.received(), replies.expected());
            EXPECT_EQ(core_of(home).blocks().leased(), 0U);
        }
    }
}

} // namespace fairlead::test
