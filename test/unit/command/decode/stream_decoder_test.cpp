#include "decode/stream_decoder.hpp"

#include "decode/row_text.hpp"

#include <fairlead/framing/parse.hpp>

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace fairlead::command {

namespace {

using namespace std::string_view_literals;

// `9 00000003 abc`, with an ending behind it; `12 ! truncated`
struct shown_rows : row_sink {
    std::vector<std::string> rows;
    std::vector<std::string> reasons;
    void take(const row& next) override {
        std::string text = std::to_string(next.offset);
        if (next.kind == row_kind::fault) {
            rows.push_back(text + " ! " + std::string{next.fault});
            return reasons.push_back(next.text);
        }
        if (next.kind == row_kind::http)
            return rows.push_back(text + " http " + next.text);
        if (next.frame)
            text += " " + opcode_name(next.frame->opcode) + (next.frame->fin ? " fin" : "");
        for (const bytes_view each : {next.header, next.ending})
            text += each.empty() ? "" : " " + packed_hex(each);
        rows.push_back(text + " " + escape(next.content));
    }
};

using rows = std::vector<std::string>;

shown_rows decode_pieces(const std::string& spec, std::string_view stream, std::size_t piece, stream_end end) {
    shown_rows found;
    stream_decoder decoder{make_divider(parse_framing(spec, 10)), found};
    for (std::size_t at = 0; at < stream.size(); at += piece)
        decoder.take(stream.substr(at, piece));
    decoder.finish(end);
    return found;
}

// However the bytes arrive, the rows are the same.
rows decode(const std::string& spec, std::string_view stream, stream_end end = stream_end::closed) {
    const rows whole = decode_pieces(spec, stream, stream.size() + 1, end).rows;
    for (std::size_t piece = 1; piece <= stream.size(); ++piece)
        EXPECT_EQ(decode_pieces(spec, stream, piece, end).rows, whole) << spec << ", in pieces of " << piece;
    return whole;
}

constexpr std::string_view request = "GET /chat HTTP/1.1\r\nUpgrade: WebSocket\r\nHost: a\r\n\r\n";
constexpr std::string_view answer = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
constexpr std::string_view masked = "\x81\x82\x01\x02\x03\x04\x69\x6B"; // "hi"

} // namespace

TEST(stream_decoder, gives_each_message_with_its_offset_header_and_ending) {
    EXPECT_EQ(decode("length", "\0\0\0\2hi\0\0\0\0"sv), (rows{"0 00000002 hi", "6 00000000 "}));
    EXPECT_EQ(decode("length:2:le", "\2\0hi"sv), rows{"0 0200 hi"});
    EXPECT_EQ(decode("varint", "\2hi\1!"), (rows{"0 02 hi", "3 01 !"}));
    EXPECT_EQ(decode("line", "hi\r\nyou\n"), (rows{"0 0d0a hi", "4 0a you"}));
    EXPECT_EQ(decode("delimiter:;;", "a;b;;c;;"), (rows{"0 3b3b a;b", "5 3b3b c"}));
    EXPECT_EQ(decode("fixed:2", "hiya"), (rows{"0 hi", "2 ya"}));
    EXPECT_EQ(decode_pieces("raw", "hello", 3, stream_end::closed).rows, (rows{"0 hel", "3 lo"}));
}

TEST(stream_decoder, of_no_bytes_gives_no_rows) {
    for (const char* spec : {"length", "varint", "line", "fixed:2", "raw", "websocket"})
        EXPECT_EQ(decode(spec, ""), rows{}) << spec;
}

TEST(stream_decoder, says_where_a_stream_is_wrong_and_gives_nothing_behind_it) {
    EXPECT_EQ(decode("length:1", "\1a\x0B"sv), (rows{"0 01 a", "2 ! message_too_large"}));
    EXPECT_EQ(decode("line", "one\neleven byte\ntwo\n"), (rows{"0 0a one", "4 ! message_too_large"}));
    EXPECT_EQ(decode("varint", "\1a\x80\0"sv), (rows{"0 01 a", "2 ! malformed"}));
}

TEST(stream_decoder, says_that_a_stream_ends_inside_a_message) {
    for (const auto end : {stream_end::closed, stream_end::cut}) {
        EXPECT_EQ(decode("length:1", "\1a\3bc", end), (rows{"0 01 a", "2 ! truncated"}));
        EXPECT_EQ(decode("line", "hi\nyou", end), (rows{"0 0a hi", "3 ! truncated"}));
        EXPECT_EQ(decode("websocket", masked.substr(0, 7), end), rows{"0 ! truncated"});
    }
    EXPECT_TRUE(decode_pieces("line", "hi", 1, stream_end::cut).reasons.at(0).starts_with("the capture ends inside"));
    const auto reason = [](std::string_view stream) {
        return decode_pieces("websocket", stream, 100, stream_end::closed).reasons.at(0);
    };
    EXPECT_TRUE(reason("\x81").starts_with("the stream ends inside a frame; "));
    EXPECT_TRUE(reason("GE").starts_with("the stream ends inside the head of HTTP; "));
    EXPECT_TRUE(reason("GET /").starts_with("the stream ends inside the head of HTTP; "));
}

TEST(stream_decoder, says_where_bytes_are_missing) {
    shown_rows found;
    stream_decoder decoder{make_divider(parse_framing("length:1")), found};
    decoder.take("\1a\3b");
    decoder.lose(7);
    decoder.take("\1a");
    decoder.finish(stream_end::closed);
    EXPECT_EQ(found.rows, (rows{"0 01 a", "2 ! gap"}));
    EXPECT_EQ(found.reasons, rows{"the capture lacks 7 bytes at offset 4; the bytes behind it cannot be divided"});
}

TEST(stream_decoder, gives_the_frames_of_either_side_of_a_websocket) {
    EXPECT_EQ(decode("websocket", masked), rows{"0 text fin 818201020304 hi"});
    EXPECT_EQ(decode("websocket", "\x01\x01h\x89\0\x80\1i"sv),
              (rows{"0 text 0101 h", "3 ping fin 8900 ", "5 continuation fin 8001 i"}));
    EXPECT_EQ(decode("websocket", "\x01\x01h"), (rows{"0 text 0101 h", "3 ! truncated"}));
}

TEST(stream_decoder, passes_over_the_request_and_the_answer_before_a_websocket) {
    EXPECT_EQ(decode("websocket", std::string{request} + std::string{masked}),
              (rows{"0 http GET /chat HTTP/1.1", "51 text fin 818201020304 hi"}));
    EXPECT_EQ(decode("websocket", std::string{answer} + "\x81\x01!"),
              (rows{"0 http HTTP/1.1 101 Switching Protocols", "36 text fin 8101 !"}));
    EXPECT_EQ(decode("websocket", std::string{answer} + std::string{masked}),
              (rows{"0 http HTTP/1.1 101 Switching Protocols", "36 ! malformed"}));
    EXPECT_EQ(decode("websocket", request.substr(0, 20)), rows{"0 ! truncated"});
}

TEST(stream_decoder, says_that_no_websocket_was_opened) {
    EXPECT_EQ(decode("websocket", "HTTP/1.1 403 Forbidden\r\n\r\nno"), rows{"0 ! no_upgrade"});
    EXPECT_EQ(decode("websocket", "GET / HTTP/1.1\r\nHost: websocket\r\n\r\n"), rows{"0 ! no_upgrade"});
    EXPECT_EQ(decode_pieces("websocket", "GET " + std::string(70'000, 'x'), 4096, stream_end::closed).rows,
              rows{"0 ! malformed"});
}

TEST(stream_decoder, refuses_bytes_behind_a_close_frame) {
    EXPECT_EQ(decode("websocket", "\x88\2\3\xE8\x81\1x"sv), (rows{"0 close fin 8802 \\x03\\xE8", "4 ! after_close"}));
}

} // namespace fairlead::command
