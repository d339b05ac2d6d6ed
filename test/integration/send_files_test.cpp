#include "integration/support/fake_receiver.hpp"
#include "integration/support/temporary_directory.hpp"
#include "support/cancellable.hpp"
#include "support/log_in.hpp"

#include <fairlead/file_transfer/send_files.hpp>
#include <fairlead/handlers/echo.hpp>

#include <atomic>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace fairlead::test {

namespace {

using file_transfer::refusal;
using file_transfer::refusal_code;

constexpr std::size_t mib = 1024 * 1024;

std::string bytes_of(std::size_t size, unsigned seed = 1) {
    std::string bytes(size, '\0');
    for (char& each : bytes)
        each = static_cast<char>((seed = seed * 1'664'525 + 1'013'904'223) >> 24);
    return bytes;
}

boost::asio::awaitable<void> keep(boost::asio::awaitable<std::vector<sent_file>> work,
                                  std::vector<sent_file>& outcome) {
    outcome = co_await std::move(work);
}

class sending_files : public testing::Test {
protected:
    sending_files() { how.pause = {.initial_delay = 1ms, .max_delay = 1ms}; }

    file_to_send make(const char* name, const std::string& contents) {
        const auto path = folder / name;
        std::ofstream{path, std::ios::binary} << contents;
        return {.path = path.string()};
    }

    std::vector<sent_file> send(const std::string& where, std::vector<file_to_send> files) {
        runtime home{1};
        std::vector<sent_file> outcome;
        home.run(keep(send_files(home[0], where, std::move(files), how), outcome));
        return outcome;
    }

    sent_file send_one(fake_receiver& to, file_to_send file) { return send(to.url(), {std::move(file)}).at(0); }

    temporary_directory folder;
    send_files_options how;
};

misbehaviour refuses(refusal_code code, bool retry) {
    return {.refusal = refusal{.code = code, .reason = "for a reason", .retry = retry, .kept = 7}};
}

} // namespace

TEST_F(sending_files, stores_files_of_every_size) {
    std::vector<file_to_send> files;
    std::map<std::string, std::string> contents;
    const std::size_t sizes[] = {0, 1, 4096, 64 * 1024, 64 * 1024 + 1, 100'000, mib, mib + 1, 5 * mib + 17};
    for (const std::size_t size : sizes) {
        const std::string name = "f" + std::to_string(size);
        contents[name] = bytes_of(size);
        files.push_back(make(name.c_str(), contents[name]));
    }
    fake_receiver receiver;
    const auto outcome = send(receiver.url(), files);
    ASSERT_EQ(outcome.size(), files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
        EXPECT_TRUE(outcome[i].stored) << outcome[i].why;
        EXPECT_EQ(outcome[i].path, files[i].path);
        EXPECT_EQ(outcome[i].size, sizes[i]);
        EXPECT_EQ(outcome[i].hash, file_transfer::digest_of(contents[outcome[i].name]).to_string());
    }
    EXPECT_EQ(receiver.stored(), contents);
    EXPECT_EQ(receiver.connections(), 1u);
}

TEST_F(sending_files, stores_many_over_one_connection) {
    std::vector<file_to_send> files;
    for (int i = 0; i < 500; ++i)
        files.push_back(make(("f" + std::to_string(i)).c_str(), bytes_of(4096, static_cast<unsigned>(i))));
    fake_receiver receiver;
    for (const auto& each : send(receiver.url(), files))
        EXPECT_TRUE(each.stored) << each.why;
    EXPECT_EQ(receiver.stored().size(), 500u);
    EXPECT_EQ(receiver.connections(), 1u);
}

TEST_F(sending_files, tells_of_each_file_and_how_far_it_is) {
    std::vector<std::string> done;
    std::uint64_t last = 0;
    how.on_done = [&](const sent_file& file) { done.push_back(file.name); };
    how.on_progress = [&](const send_progress& now) { last = now.bytes_sent; };
    fake_receiver receiver;
    send(receiver.url(), {make("a", bytes_of(3 * mib)), make("b", "1234")});
    EXPECT_EQ(done, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(last, 3 * mib + 4);
}

TEST_F(sending_files, does_without_what_callbacks_throw) {
    how.on_progress = [](const send_progress&) { throw std::runtime_error{"a test throws this"}; };
    how.on_done = [](const sent_file&) { throw std::runtime_error{"a test throws this"}; };
    fake_receiver receiver;
    EXPECT_TRUE(send_one(receiver, make("a", "1234")).stored);
}

// --- connections that break -----------------------------------------------------------------------------------------

TEST_F(sending_files, goes_on_where_the_receiver_was_cut_off) {
    const std::string contents = bytes_of(4 * mib);
    fake_receiver receiver{{{.close_after = 1'000'000}, {.close_after = 1'500'000}}};
    const auto outcome = send_one(receiver, make("a", contents));
    EXPECT_TRUE(outcome.stored) << outcome.why;
    EXPECT_EQ(receiver.stored()["a"], contents);
    EXPECT_EQ(receiver.connections(), 3u);
    EXPECT_EQ(receiver.received(), contents.size()) << "nothing was sent twice";
    EXPECT_EQ(receiver.offers()[0].resume, receiver.offers()[2].resume);
}

TEST_F(sending_files, begins_anew_where_the_receiver_has_something_else) {
    const std::string contents = bytes_of(mib);
    fake_receiver receiver{{{.has_something_else = true}}};
    EXPECT_TRUE(send_one(receiver, make("a", contents)).stored);
    EXPECT_EQ(receiver.stored()["a"], contents);
}

TEST_F(sending_files, sends_again_what_is_wanted_again) {
    const std::string contents = bytes_of(5 * mib + 1);
    fake_receiver receiver{{{.wants_first_piece_twice = true}}};
    const auto outcome = send_one(receiver, make("a", contents));
    EXPECT_TRUE(outcome.stored) << outcome.why;
    EXPECT_EQ(receiver.stored()["a"], contents);
}

TEST_F(sending_files, sends_all_of_it_again_after_its_end) {
    const std::string contents = bytes_of(3 * mib);
    fake_receiver receiver{{{.wants_all_again_at_the_end = true}}};
    EXPECT_TRUE(send_one(receiver, make("a", contents)).stored);
    EXPECT_EQ(receiver.stored()["a"], contents);
    EXPECT_EQ(receiver.received(), 2 * contents.size());
}

TEST_F(sending_files, finds_out_that_a_file_was_stored_when_the_answer_was_lost) {
    fake_receiver receiver{{{.loses_answers = true}}};
    const auto outcome = send_one(receiver, make("a", bytes_of(100'000)));
    EXPECT_TRUE(outcome.stored) << outcome.why;
    EXPECT_EQ(receiver.connections(), 2u);
    EXPECT_EQ(receiver.received(), 100'000u) << "it was not sent twice";
    EXPECT_FALSE(receiver.offers()[0].hash);
    EXPECT_TRUE(receiver.offers()[1].hash);
}

TEST_F(sending_files, gives_up_after_so_many_tries_without_progress) {
    how.retries = 2;
    std::size_t told = 0;
    how.on_retry = [&](std::string_view, std::chrono::milliseconds) { ++told; };
    const misbehaviour cut{.close_after = 64 * 1024, .forgets = true};
    fake_receiver receiver{std::vector(10, cut)};
    const auto outcome = send_one(receiver, make("a", bytes_of(4 * mib)));
    EXPECT_FALSE(outcome.stored);
    EXPECT_EQ(outcome.code, "connection");
    EXPECT_EQ(receiver.connections(), 3u);
    EXPECT_EQ(told, 2u);
}

TEST_F(sending_files, does_not_count_tries_that_get_on) {
    how.retries = 1;
    const misbehaviour cut{.close_after = mib};
    fake_receiver receiver{std::vector(6, cut)};
    const auto outcome = send_one(receiver, make("a", bytes_of(8 * mib)));
    EXPECT_TRUE(outcome.stored) << outcome.why;
}

TEST_F(sending_files, says_why_there_is_no_connection) {
    std::string where;
    {
        const fake_receiver gone;
        where = gone.url();
    }
    how.retries = 1;
    const auto outcome = send(where, {make("a", "1")}).at(0);
    EXPECT_EQ(outcome.code, "connection");
    EXPECT_NE(outcome.why.find("connection refused"), std::string::npos) << outcome.why;
}

// --- refusals -------------------------------------------------------------------------------------------------------

TEST_F(sending_files, takes_a_refusal_for_what_it_is) {
    fake_receiver receiver{{refuses(refusal_code::refused, false)}};
    const auto outcome = send_one(receiver, make("a", "1"));
    EXPECT_FALSE(outcome.stored);
    EXPECT_EQ(outcome.code, "refused");
    EXPECT_EQ(outcome.why, "for a reason");
    EXPECT_EQ(outcome.kept, 7u);
    EXPECT_EQ(receiver.connections(), 1u);
}

TEST_F(sending_files, comes_back_when_the_receiver_says_later) {
    fake_receiver receiver{{refuses(refusal_code::busy, true), refuses(refusal_code::busy, true)}};
    const auto outcome = send_one(receiver, make("a", "1"));
    EXPECT_TRUE(outcome.stored) << outcome.why;
    EXPECT_EQ(receiver.connections(), 3u);
}

TEST_F(sending_files, comes_back_only_so_often) {
    how.retries = 3;
    fake_receiver receiver{std::vector(10, refuses(refusal_code::busy, true))};
    const auto outcome = send_one(receiver, make("a", "1"));
    EXPECT_EQ(outcome.code, "busy");
    EXPECT_EQ(outcome.why, "for a reason");
    EXPECT_EQ(receiver.connections(), 4u);
}

TEST_F(sending_files, does_not_come_back_to_what_is_no_receiver) {
    const char* const answers[] = {"{}", "{\"type\":\"offer\",\"version\":1,\"id\":1,\"name\":\"a\"}", "hello",
                                   "{\"type\":\"stored\",\"id\":9,\"name\":\"a\",\"size\":1,\"hash\":\"0\"}"};
    for (const std::string answer : answers) {
        fake_receiver receiver{{{.says = answer}}};
        const auto outcome = send_one(receiver, make("a", "1"));
        EXPECT_EQ(outcome.code, "protocol") << answer;
        EXPECT_EQ(receiver.connections(), 1u) << answer;
    }
}

// --- files ----------------------------------------------------------------------------------------------------------

TEST_F(sending_files, goes_on_with_the_others_when_one_cannot_be_read) {
    std::filesystem::create_directory(folder / "directory");
    fake_receiver receiver;
    const auto outcome = send(receiver.url(), {{.path = (folder / "missing").string()},
                                               make("a", "1"),
                                               {.path = (folder / "directory/").string()},
                                               {.path = make("b", "2").path, .name = "../b"},
                                               make("c", "3")});
    const char* const codes[] = {"read", "", "read", "name", ""};
    for (std::size_t i = 0; i < outcome.size(); ++i) {
        EXPECT_EQ(outcome[i].code, codes[i]) << i << ": " << outcome[i].why;
        EXPECT_EQ(outcome[i].stored, outcome[i].code.empty()) << i;
    }
    EXPECT_EQ(receiver.stored(), (std::map<std::string, std::string>{{"a", "1"}, {"c", "3"}}));
}

TEST_F(sending_files, says_so_when_every_name_is_wrong) {
    const auto outcome = send("tcp://127.0.0.1:1", {{.path = "a", .name = "../b"}});
    EXPECT_EQ(outcome.at(0).code, "name");
}

TEST_F(sending_files, takes_back_a_file_that_changes_meanwhile) {
    const auto file = make("a", bytes_of(8 * mib));
    bool changed = false;
    how.on_progress = [&](const send_progress&) {
        if (!std::exchange(changed, true))
            std::filesystem::resize_file(file.path, 5 * mib);
    };
    fake_receiver receiver;
    const auto outcome = send_one(receiver, file);
    EXPECT_EQ(outcome.code, "read");
    EXPECT_NE(outcome.why.find("changed"), std::string::npos) << outcome.why;
    EXPECT_TRUE(receiver.stored().empty());
    EXPECT_EQ(receiver.abandoned(), 1u);
}

TEST_F(sending_files, takes_back_a_file_that_grows_meanwhile) {
    const auto file = make("a", bytes_of(2 * mib));
    bool changed = false;
    how.on_progress = [&](const send_progress&) {
        if (!std::exchange(changed, true))
            std::ofstream{file.path, std::ios::app} << "more";
    };
    fake_receiver receiver;
    EXPECT_EQ(send_one(receiver, file).code, "read");
    EXPECT_TRUE(receiver.stored().empty());
}

TEST_F(sending_files, offers_another_token_for_a_file_that_has_changed) {
    fake_receiver receiver;
    send_one(receiver, make("a", "1234"));
    fake_receiver other;
    send_one(other, make("a", "12345"));
    EXPECT_NE(receiver.offers()[0].resume, other.offers()[0].resume);
}

class sending_a_pipe : public sending_files {
protected:
    sending_a_pipe() {
        ::mkfifo(path.c_str(), 0600);
        // Open on both sides, so that nobody waits for the other; it ends with `close`.
        descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    }
    ~sending_a_pipe() override { close(); }
    void close() {
        if (descriptor >= 0)
            ::close(std::exchange(descriptor, -1));
    }
    void write(std::string_view text) {
        ASSERT_EQ(::write(descriptor, text.data(), text.size()), static_cast<::ssize_t>(text.size()));
    }

    const std::string path = (folder / "pipe").string();
    int descriptor = -1;
};

TEST_F(sending_a_pipe, stores_what_came_until_its_end) {
    write("all of it");
    how.on_progress = [&](const send_progress&) { close(); };
    fake_receiver receiver;
    const auto outcome = send_one(receiver, {.path = path, .name = "a"});
    EXPECT_TRUE(outcome.stored) << outcome.why;
    EXPECT_EQ(outcome.size, 9u);
    EXPECT_EQ(receiver.stored()["a"], "all of it");
    EXPECT_FALSE(receiver.offers()[0].size);
    EXPECT_EQ(receiver.offers()[0].resume, "");
}

TEST_F(sending_a_pipe, cannot_go_on_when_the_connection_breaks) {
    write("all of it");
    fake_receiver receiver{{{.close_after = 1}}};
    const auto outcome = send_one(receiver, {.path = path, .name = "a"});
    EXPECT_FALSE(outcome.stored);
    EXPECT_EQ(outcome.code, "connection");
    EXPECT_NE(outcome.why.find("second time"), std::string::npos) << outcome.why;
    EXPECT_EQ(outcome.kept, 0u);
}

TEST_F(sending_a_pipe, comes_back_while_nothing_of_it_has_been_read) {
    write("all of it");
    how.on_progress = [&](const send_progress&) { close(); };
    fake_receiver receiver{{refuses(refusal_code::busy, true)}};
    const auto outcome = send_one(receiver, {.path = path, .name = "a"});
    EXPECT_TRUE(outcome.stored) << outcome.why;
}

TEST_F(sending_a_pipe, finds_out_that_it_was_stored_when_the_answer_was_lost) {
    write("all of it");
    how.on_progress = [&](const send_progress&) { close(); };
    fake_receiver receiver{{{.loses_answers = true}}};
    const auto outcome = send_one(receiver, {.path = path, .name = "a"});
    EXPECT_TRUE(outcome.stored) << outcome.why;
}

// --- interruptions --------------------------------------------------------------------------------------------------

class interrupted_sending : public sending_a_pipe {
protected:
    interrupted_sending() { how.interrupted = &flag; }
    std::atomic<bool> flag{false};
};

TEST_F(interrupted_sending, ends_before_it_begins) {
    flag = true;
    fake_receiver receiver;
    EXPECT_EQ(send_one(receiver, make("a", "1")).code, "interrupted");
    EXPECT_TRUE(receiver.stored().empty());
}

TEST_F(interrupted_sending, ends_between_two_pieces_and_says_what_is_kept) {
    how.on_progress = [&](const send_progress& now) { flag = now.sent >= 20 * mib; };
    fake_receiver receiver;
    const auto outcome = send_one(receiver, make("a", bytes_of(32 * mib)));
    EXPECT_EQ(outcome.code, "interrupted");
    EXPECT_GE(outcome.kept, 19 * mib);
    EXPECT_LE(outcome.kept, 21 * mib);
    EXPECT_TRUE(receiver.stored().empty());
}

TEST_F(interrupted_sending, ends_while_a_receiver_says_nothing) {
    fake_receiver receiver{{{.says_nothing = true}}};
    std::thread soon{[&] {
        std::this_thread::sleep_for(50ms);
        flag = true;
    }};
    EXPECT_EQ(send_one(receiver, make("a", "1")).code, "interrupted");
    soon.join();
}

TEST_F(sending_files, gives_up_on_a_receiver_that_says_nothing) {
    how.reply_timeout = 100ms;
    fake_receiver receiver{{{.says_nothing = true}}};
    const auto outcome = send_one(receiver, make("a", "1"));
    EXPECT_EQ(outcome.code, "timeout");
    EXPECT_NE(outcome.why.find("the receiver gave no answer in time"), outcome.why.npos) << outcome.why;
    EXPECT_EQ(receiver.connections(), 1u) << "another try would wait as long";
}

TEST_F(sending_files, tries_again_when_a_receiver_falls_silent) {
    how.reply_timeout = 2s; // enough for the second receiver
    how.pause = {.initial_delay = 1ms, .max_delay = 1ms};
    fake_receiver receiver{{{.says_nothing_after = 1}}};
    std::vector<std::string> retries;
    how.on_retry = [&](std::string_view why, std::chrono::milliseconds) { retries.emplace_back(why); };
    const auto outcome = send_one(receiver, make("a", bytes_of(mib)));
    EXPECT_TRUE(outcome.stored) << outcome.why;
    ASSERT_GE(retries.size(), 1u);
    EXPECT_NE(retries[0].find("the receiver gave no answer in time"), std::string::npos) << retries[0];
}

TEST_F(interrupted_sending, ends_while_a_pipe_says_nothing) {
    write("some");
    how.on_progress = [&](const send_progress&) { flag = true; };
    fake_receiver receiver;
    const auto outcome = send_one(receiver, {.path = path, .name = "a"});
    EXPECT_EQ(outcome.code, "interrupted");
    EXPECT_EQ(outcome.kept, 0u);
}

TEST_F(interrupted_sending, ends_in_a_pause) {
    how.pause = {.initial_delay = 24h, .max_delay = 24h};
    how.on_retry = [&](std::string_view, std::chrono::milliseconds) { flag = true; };
    fake_receiver receiver{{refuses(refusal_code::busy, true)}};
    EXPECT_EQ(send_one(receiver, make("a", "1")).code, "interrupted");
}

// --- wrong usage ----------------------------------------------------------------------------------------------------

namespace {

boost::asio::awaitable<void> note_cancellation(boost::asio::awaitable<std::vector<sent_file>> work, std::string& seen) {
    try {
        co_await std::move(work);
        seen = "returned";
    } catch (const boost::system::system_error& failed) {
        seen = failed.code().message();
    }
}

} // namespace

TEST_F(sending_files, throws_when_its_coroutine_is_cancelled) {
    shard home;
    std::string seen;
    fake_receiver receiver{{{.says_nothing = true}}};
    cancellable leaving{home};
    leaving.start(note_cancellation(send_files(home, receiver.url(), {make("a", "1")}, how), seen));
    for (int i = 0; i < 100; ++i)
        run_a_moment(home);
    EXPECT_EQ(seen, "");
    leaving.cancel();
    EXPECT_EQ(seen, aborted);
}

// --- logins ---------------------------------------------------------------------------------------------------------

TEST_F(sending_files, logs_in_on_each_connection_before_the_first_offer) {
    how.connect.on_connected = log_in;
    fake_receiver receiver{{{.close_after = mib, .login = "welcome"}, {.login = "welcome"}}};
    const auto contents = bytes_of(3 * mib);
    const auto outcome = send_one(receiver, make("a", contents));
    EXPECT_TRUE(outcome.stored) << outcome.why;
    EXPECT_EQ(receiver.connections(), 2u);
    EXPECT_EQ(receiver.stored().at("a"), contents);
}

TEST_F(sending_files, takes_a_login_that_fails_for_a_connection_that_fails) {
    how.connect.on_connected = log_in;
    how.retries = 2;
    int retries = 0;
    how.on_retry = [&](std::string_view why, std::chrono::milliseconds) {
        ++retries;
        EXPECT_NE(why.find(denied.message()), why.npos) << why;
    };
    fake_receiver receiver{std::vector<misbehaviour>(3, {.login = "go away"})};
    const auto outcome = send_one(receiver, make("a", "1"));
    EXPECT_EQ(outcome.code, "connection");
    EXPECT_NE(outcome.why.find(denied.message()), outcome.why.npos) << outcome.why;
    EXPECT_EQ(retries, 2);
    EXPECT_EQ(receiver.connections(), 3u);
    EXPECT_TRUE(receiver.offers().empty());
}

TEST_F(sending_files, says_what_a_login_has_thrown) {
    how.connect.on_connected = [](session&) -> boost::asio::awaitable<result<void>> {
        throw std::runtime_error{"no login today"};
        co_return result<void>{};
    };
    how.retries = 0;
    fake_receiver receiver;
    const auto outcome = send_one(receiver, make("a", "1"));
    EXPECT_EQ(outcome.code, "connection");
    EXPECT_NE(outcome.why.find("no login today"), outcome.why.npos) << outcome.why;
}

TEST_F(sending_files, gives_up_a_login_that_hangs) {
    how.connect.on_connected = log_in;
    how.connect.deadline = 2s; // enough for the connection
    how.retries = 0;
    fake_receiver receiver{{{.login = ""}}};
    const auto outcome = send_one(receiver, make("a", "1"));
    EXPECT_NE(outcome.why.find("on_connected did not end in time"), outcome.why.npos) << outcome.why;
}

TEST_F(interrupted_sending, ends_while_it_logs_in) {
    how.connect.on_connected = [&](session& server) -> boost::asio::awaitable<result<void>> {
        flag = true;
        co_return co_await log_in(server);
    };
    fake_receiver receiver{{{.login = ""}}};
    EXPECT_EQ(send_one(receiver, make("a", "1")).code, "interrupted");
    EXPECT_TRUE(receiver.offers().empty());
}

TEST_F(sending_files, refuses_to_send_where_nothing_can_be_sent) {
    for (const char* const where : {"udp://127.0.0.1:1", "tcp://127.0.0.1:0", "somewhere"})
        EXPECT_THROW(send(where, {make("a", "1")}), std::invalid_argument) << where;
}

TEST_F(sending_files, has_nothing_to_do_without_files) {
    EXPECT_TRUE(send("tcp://127.0.0.1:1", {}).empty());
}

} // namespace fairlead::test
