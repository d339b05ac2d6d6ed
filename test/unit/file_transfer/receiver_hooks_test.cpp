#include "file_transfer/receiver_hooks.hpp"
#include "support/file_uploads.hpp"
#include "support/log_lines.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace fairlead::test {

namespace {

using namespace file_transfer;

using hook = std::function<std::optional<std::string>(const received_file&)>;

file_receiver_options with_hook(hook judged) {
    file_receiver_options options{.min_free_space = 0};
    options.on_received = std::move(judged);
    return options;
}

std::vector<message> send_hello(fake_sender& sender, const std::string& name) {
    sender.say(offer{.id = 1, .name = name, .size = 5, .resume = "token"});
    sender.say(piece_of(1, 0, "hello"));
    return sender.say(end_of(1, "hello"));
}

} // namespace

TEST(judging, comes_before_a_file_has_its_name_and_sees_the_whole_file) {
    std::string heard;
    fake_receiver* receiver = nullptr;
    fake_receiver judged{with_hook([&](const received_file& file) -> std::optional<std::string> {
        heard += file.name + " " + std::to_string(file.size) + " " + file.hash;
        EXPECT_TRUE(receiver->disk.names.empty());
        return std::nullopt;
    })};
    receiver = &judged;
    fake_sender sender{judged};
    const auto replies = send_hello(sender, "a");
    ASSERT_EQ(replies.size(), 1u);
    EXPECT_EQ(std::get<stored>(replies[0]).name, "a");
    EXPECT_EQ(heard, "a 5 " + digest_of("hello").to_string());
    EXPECT_EQ(judged.disk.log, "wspn") << "the wait for the disk comes after it";
}

TEST(judging, rejects_for_a_reason_and_keeps_nothing) {
    fake_receiver receiver{with_hook([](const received_file&) { return std::optional<std::string>{"a virus"}; })};
    fake_sender sender{receiver};
    const auto replies = send_hello(sender, "a");
    ASSERT_EQ(replies.size(), 1u);
    const refusal expected{.id = 1, .accepted = true, .code = refusal_code::content, .reason = "a virus"};
    EXPECT_EQ(std::get<refusal>(replies[0]), expected);
    EXPECT_TRUE(receiver.disk.names.empty());
    EXPECT_TRUE(receiver.disk.kept.empty());
    EXPECT_EQ(receiver.state.failed, 1u);
    EXPECT_EQ(receiver.state.limits.open_now(), 0u);
}

TEST(judging, rejects_when_the_hook_throws) {
    fake_receiver receiver{
        with_hook([](const received_file&) -> std::optional<std::string> { throw std::runtime_error{"no scanner"}; })};
    fake_sender sender{receiver};
    const auto replies = send_hello(sender, "a");
    ASSERT_EQ(replies.size(), 1u);
    EXPECT_EQ(std::get<refusal>(replies[0]).code, refusal_code::content);
    EXPECT_EQ(std::get<refusal>(replies[0]).reason, "the receiver could not check it: no scanner");
    EXPECT_TRUE(receiver.disk.kept.empty());
}

TEST(judging, never_lets_a_file_be_stored_when_a_call_to_the_disk_fails) {
    const hook accept_all = [](const received_file&) { return std::optional<std::string>{}; };
    fake_receiver whole{with_hook(accept_all)};
    {
        fake_sender sender{whole};
        send_hello(sender, "a");
    }
    for (unsigned call = 1; call <= whole.disk.calls(); ++call) {
        fake_receiver receiver{with_hook(accept_all)};
        receiver.disk.fail_at(call, EIO);
        fake_sender sender{receiver};
        for (const message& each : send_hello(sender, "a"))
            EXPECT_FALSE(std::holds_alternative<stored>(each)) << call;
        EXPECT_FALSE(receiver.disk.names_on_disk.contains("a")) << call;
        EXPECT_EQ(receiver.state.stored, 0u) << call;
    }
}

TEST(lines_of_the_log, name_the_file_and_the_hook_that_throws) {
    const log_lines log;
    file_receiver_options options{.min_free_space = 0};
    options.on_stored = [](const stored_file&) { throw std::runtime_error{"the database is away"}; };
    options.on_failed = [](const failed_file&) { throw 7; };
    fake_receiver receiver{std::move(options)};
    fake_sender sender{receiver};
    EXPECT_TRUE(std::holds_alternative<stored>(send_hello(sender, "a").at(0)));
    sender.say(offer{.id = 2, .name = ".", .size = 1});
    EXPECT_EQ(log.count(R"(on_stored threw for "a", which is stored: the database is away)"), 1u) << log.text();
    EXPECT_EQ(log.count(R"(on_failed threw for ".", which is not stored: an exception of unknown type)"), 1u)
        << log.text();
}

TEST(notices, that_nobody_took_are_told_at_the_end) {
    std::string heard;
    file_receiver_options options{.min_free_space = 0};
    options.on_failed = [&](const failed_file& file) { heard += file.name + ": " + file.why + ";"; };
    fake_receiver receiver{std::move(options)};
    {
        fake_sender sender{receiver};
        sender.say(offer{.id = 1, .name = "a", .size = 5});
    }
    EXPECT_EQ(heard, "a: the connection was cut off;");
}

} // namespace fairlead::test
