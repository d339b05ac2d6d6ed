#include "file_transfer/plain_receiver.hpp"

#include "support/file_uploads.hpp"

#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

namespace {

using namespace file_transfer;

std::string header(const std::string& name, std::size_t size) {
    return name + "<SEPARATOR>" + std::to_string(size);
}

/// Gives a stream in pieces of this size, and its end.
void receive(fake_receiver& to, std::string_view stream, std::size_t piece_size,
             const std::string& separator = "<SEPARATOR>") {
    plain_receiver file{to.state, endpoint{}, separator};
    for (std::size_t at = 0; at < stream.size(); at += piece_size)
        file.take(stream.substr(at, piece_size), to.now);
    file.finish(to.now);
}

} // namespace

TEST(plain_receiver, stores_a_file_however_its_stream_is_cut) {
    const std::string file = "some text\nand more";
    const std::string stream = header("notes.txt", file.size()) + file;
    for (std::size_t piece_size = 1; piece_size <= stream.size(); ++piece_size) {
        fake_receiver receiver;
        receive(receiver, stream, piece_size);
        ASSERT_EQ(receiver.disk.names.size(), 1) << piece_size;
        EXPECT_EQ(receiver.disk.names.at("notes.txt")->bytes, file);
        EXPECT_TRUE(receiver.disk.names_on_disk.contains("notes.txt"));
    }
}

TEST(plain_receiver, finds_where_a_file_begins_that_begins_with_digits) {
    for (const std::string file : {"", "7", "42", "2024-01-01 log", "000", "0", "12345678901234567890123 long", "1 a",
                                   "99999999999999999999999999999999"}) {
        const std::string stream = header("a", file.size()) + file;
        for (const std::size_t piece_size : {std::size_t{1}, std::size_t{3}, stream.size()}) {
            fake_receiver receiver;
            receive(receiver, stream, piece_size);
            ASSERT_EQ(receiver.disk.names.size(), 1) << file;
            EXPECT_EQ(receiver.disk.names.at("a")->bytes, file);
        }
    }
}

TEST(plain_receiver, never_publishes_a_stream_that_is_cut_short) {
    const std::string file = "123 and some text";
    const std::string stream = header("a", file.size()) + file;
    for (std::size_t size = 0; size < stream.size(); ++size) {
        fake_receiver receiver;
        receive(receiver, stream.substr(0, size), 4096);
        const auto known = receiver.disk.names.find("a");
        if (known == receiver.disk.names.end())
            continue;
        const std::string& whole = known->second->bytes; // a shorter stream that is right by itself
        EXPECT_EQ(header("a", whole.size()) + whole, stream.substr(0, size));
    }
    fake_receiver receiver;
    plain_receiver broken{receiver.state, endpoint{}, "<SEPARATOR>"};
    broken.take(stream, receiver.now);
    broken.cut("reset");
    EXPECT_TRUE(receiver.disk.names.empty());
}

TEST(plain_receiver, never_publishes_more_than_was_told) {
    fake_receiver receiver;
    receive(receiver, header("a", 5) + "hello!", 4096);
    EXPECT_TRUE(receiver.disk.names.empty());
}

TEST(plain_receiver, reduces_a_path_to_its_last_component_and_keeps_to_the_rules_of_names) {
    fake_receiver receiver;
    receive(receiver, header("../../etc/passwd", 1) + "x", 4096);
    receive(receiver, header("C:\\Users\\me\\b.txt", 1) + "x", 4096);
    receive(receiver, header("dir/..", 1) + "x", 4096);
    receive(receiver, header("dir/", 1) + "x", 4096);
    receive(receiver, header("-rf", 1) + "x", 4096);
    EXPECT_EQ(receiver.disk.names.size(), 2);
    EXPECT_TRUE(receiver.disk.names.contains("passwd"));
    EXPECT_TRUE(receiver.disk.names.contains("b.txt"));
}

TEST(plain_receiver, takes_another_separator) {
    fake_receiver receiver;
    receive(receiver, "a.txt|5hello", 1, "|");
    EXPECT_EQ(receiver.disk.names.at("a.txt")->bytes, "hello");
}

TEST(plain_receiver, never_overwrites_and_bounds_the_size) {
    fake_receiver receiver{{.max_file_size = 5, .min_free_space = 0}};
    receive(receiver, header("a", 5) + "hello", 4096);
    receive(receiver, header("a", 5) + "HELLO", 4096);
    receive(receiver, header("b", 6) + "hello!", 4096);
    EXPECT_EQ(receiver.disk.names.size(), 1);
    EXPECT_EQ(receiver.disk.names.at("a")->bytes, "hello");
}

TEST(plain_receiver, stores_nothing_when_any_call_to_the_disk_fails) {
    const std::string stream = header("a", 6) + "12 abc";
    fake_receiver whole;
    receive(whole, stream, 4096);
    ASSERT_EQ(whole.disk.names.size(), 1);
    for (unsigned call = 1; call <= whole.disk.calls(); ++call) {
        fake_receiver receiver;
        receiver.disk.fail_at(call, EIO);
        receive(receiver, stream, 4096);
        EXPECT_FALSE(receiver.disk.names_on_disk.contains("a")) << call;
        EXPECT_EQ(receiver.state.stored, 0) << call;
    }
}

} // namespace fairlead::test
