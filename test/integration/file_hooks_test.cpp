// The hooks of a receiver of files, which run beside its connections: no test here depends on how fast anything is.

#include "integration/support/file_peer.hpp"
#include "integration/support/run_transport.hpp"
#include "integration/support/temporary_directory.hpp"

#include <fairlead/file_transfer/send_files.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/handlers/file_receiver.hpp>
#include <fairlead/runtime.hpp>
#include <fairlead/server.hpp>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <iterator>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

using namespace std::chrono_literals;

namespace fairlead::test {

namespace {

using file_transfer::refusal;
using file_transfer::refusal_code;

/// Holds threads back until it is opened.
class gate {
public:
    void pass() {
        std::unique_lock lock{mutex_};
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
    }

    void open() {
        const std::lock_guard lock{mutex_};
        open_ = true;
        changed_.notify_all();
    }

    /// Waits until so many threads have come, which fails the test if they do not.
    void expect_visitors(std::size_t count) {
        std::unique_lock lock{mutex_};
        EXPECT_TRUE(changed_.wait_for(lock, 10s, [&] { return waiting_ >= count; })) << "no hook was called";
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t waiting_ = 0;
    bool open_ = false;
};

/// Lines that several threads note.
class notes {
public:
    void add(const std::string& line) {
        const std::lock_guard lock{mutex_};
        lines_ += line + ";";
    }
    std::string lines() const {
        const std::lock_guard lock{mutex_};
        return lines_;
    }

private:
    mutable std::mutex mutex_;
    std::string lines_;
};

std::string read_whole(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

class hooks_of_a_receiver : public testing::Test {
protected:
    hooks_of_a_receiver() {
        options.directory = folder.path().string();
        options.min_free_space = 0;
        options.durable = false;
        serving.threads = 1;
        serving.handle_signals = false;
    }
    ~hooks_of_a_receiver() override {
        held.open();
        stop();
    }

    void start() { start(length_prefixed{}, file_receiver{options}); }

    void start(framing rules, handler what) {
        server_.emplace(serving);
        const std::string at = free_port();
        listen_options how = listening_at(at);
        how.limits = bounds;
        where = server_->listen(at, std::move(rules), std::move(what), how);
        thread_ = std::thread{[this] { code = server_->run(); }};
    }

    void begin_to_stop() { server_->stop(); }

    int stop() {
        if (thread_.joinable()) {
            server_->stop();
            thread_.join();
        }
        return code;
    }

    /// Stops it and destroys it.
    void end() {
        stop();
        server_.reset();
    }

    statistics numbers() const { return server_->statistics(); }

    std::size_t names_in(const std::filesystem::path& directory) const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator{directory}, std::filesystem::directory_iterator{}));
    }
    std::size_t staged() const { return names_in(folder / ".incoming"); }
    bool has(const char* name) const { return std::filesystem::exists(folder / name); }
    std::string content(const char* name) const { return read_whole(folder / name); }

    void judge(std::function<std::optional<std::string>(const received_file&)> hook) {
        options.on_received = std::move(hook);
    }

    temporary_directory folder;
    file_receiver_options options;
    server_options serving;
    limits bounds;
    gate held;
    notes heard;
    endpoint where;
    int code = -1;

private:
    std::optional<server> server_;
    std::thread thread_;
};

} // namespace

// --- on_stored ------------------------------------------------------------------------------------------------------

TEST_F(hooks_of_a_receiver, hold_back_no_reply_after_a_file_is_stored) {
    options.on_stored = [this](const stored_file&) { held.pass(); };
    start();
    file_peer sender{where};
    for (const char* const name : {"a", "b", "c"})
        sender.send_whole(static_cast<file_transfer::file_id>(name[0] - 'a' + 1), name, "some bytes");
    EXPECT_EQ(sender.name_of_next_stored(), "a");
    EXPECT_EQ(sender.name_of_next_stored(), "b");
    EXPECT_EQ(sender.name_of_next_stored(), "c");
}

TEST_F(hooks_of_a_receiver, hear_of_the_files_of_a_connection_in_order_before_the_server_ends) {
    options.on_stored = [this](const stored_file& file) { heard.add("stored " + file.name); };
    options.on_failed = [this](const failed_file& file) { heard.add("failed " + file.name); };
    start();
    {
        file_peer sender{where};
        sender.send_whole(1, "a", "1");
        sender.send_whole(2, "b", "22");
        sender.name_of_next_stored();
        sender.name_of_next_stored();
        sender.say(file_transfer::offer{.id = 3, .name = ".", .size = 9});
        sender.say(file_transfer::offer{.id = 4, .name = "cut", .size = 9});
        sender.next_refusal();
    }
    EXPECT_EQ(stop(), 0);
    EXPECT_EQ(heard.lines(), "stored a;stored b;failed .;failed cut;");
}

TEST_F(hooks_of_a_receiver, stop_a_connection_that_is_far_ahead_of_them) {
    constexpr file_transfer::file_id files = 2'000, window = 50;
    options.on_stored = [this](const stored_file&) { held.pass(); };
    const file_receiver receiver{options};
    start(length_prefixed{}, receiver);
    std::jthread sending{[&] {
        file_peer sender{where};
        for (file_transfer::file_id begin = 1; begin <= files; begin += window) {
            for (file_transfer::file_id id = begin; id < begin + window; ++id)
                sender.send_whole(id, std::to_string(id), "");
            for (file_transfer::file_id i = 0; i < window; ++i)
                sender.name_of_next_stored();
        }
    }};
    held.expect_visitors(1);
    for (int i = 0; i < 100 && receiver.statistics().stored < files; ++i)
        std::this_thread::sleep_for(10ms);
    EXPECT_LT(receiver.statistics().stored, files) << "what waits for a hook has a bound";
    held.open();
    sending.join();
    EXPECT_EQ(receiver.statistics().stored, files);
}

// --- on_received ----------------------------------------------------------------------------------------------------

TEST_F(hooks_of_a_receiver, read_a_whole_file_before_it_replaces_another) {
    options.existing = existing_file::replace;
    judge([this](const received_file& file) -> std::optional<std::string> {
        heard.add(file.name + " " + std::to_string(file.size) + " " + read_whole(file.path) + ", before it " +
                  content("a"));
        return std::nullopt;
    });
    std::ofstream{folder / "a"} << "old";
    start();
    file_peer sender{where};
    sender.send_whole(1, "a", "new bytes");
    EXPECT_EQ(sender.name_of_next_stored(), "a");
    EXPECT_EQ(heard.lines(), "a 9 new bytes, before it old;");
    EXPECT_EQ(content("a"), "new bytes");
}

TEST_F(hooks_of_a_receiver, reject_a_file_whole_or_not_at_all) {
    options.existing = existing_file::replace;
    options.on_failed = [this](const failed_file& file) { heard.add(file.name + " " + file.code + ": " + file.why); };
    judge([](const received_file& file) -> std::optional<std::string> {
        if (file.name == "thrown")
            throw std::runtime_error{"the scanner is away"};
        if (file.name == "bad")
            return "a virus";
        return std::nullopt;
    });
    std::ofstream{folder / "bad"} << "old";
    start();
    {
        file_peer sender{where};
        sender.send_whole(1, "bad", "new bytes", "token");
        const refusal bad = sender.next_refusal();
        EXPECT_EQ(bad.code, refusal_code::content);
        EXPECT_EQ(bad.reason, "a virus");
        EXPECT_TRUE(bad.accepted);
        EXPECT_FALSE(bad.retry);
        EXPECT_EQ(bad.kept, 0u);
        EXPECT_EQ(staged(), 0u);
        sender.send_whole(2, "thrown", "bytes", "token");
        const refusal thrown = sender.next_refusal();
        EXPECT_EQ(thrown.code, refusal_code::content);
        EXPECT_EQ(thrown.reason, "the receiver could not check it: the scanner is away");
        sender.send_whole(3, "good", "bytes");
        EXPECT_EQ(sender.name_of_next_stored(), "good");
    }
    EXPECT_EQ(stop(), 0);
    EXPECT_EQ(content("bad"), "old");
    EXPECT_FALSE(has("thrown"));
    EXPECT_EQ(staged(), 0u);
    EXPECT_EQ(heard.lines(),
              "bad content: a virus;thrown content: the receiver could not check it: the scanner is away;");
}

TEST_F(hooks_of_a_receiver, hold_back_the_reply_of_no_other_file) {
    judge([this](const received_file& file) -> std::optional<std::string> {
        if (file.name == "slow")
            held.pass();
        return std::nullopt;
    });
    start();
    file_peer sender{where}, other{where};
    sender.send_whole(1, "slow", "1");
    held.expect_visitors(1);
    sender.send_whole(2, "quick", "2");
    EXPECT_EQ(sender.name_of_next_stored(), "quick");
    other.send_whole(1, "other", "3");
    EXPECT_EQ(other.name_of_next_stored(), "other");
    EXPECT_FALSE(has("slow"));
    held.open();
    EXPECT_EQ(sender.name_of_next_stored(), "slow");
}

TEST_F(hooks_of_a_receiver, leave_threads_to_the_disk_however_many_wait) {
    judge([this](const received_file& file) -> std::optional<std::string> {
        if (file.name.starts_with("slow"))
            held.pass();
        return std::nullopt;
    });
    start();
    file_peer sender{where}, other{where};
    for (file_transfer::file_id id = 1; id <= 20; ++id)
        sender.send_whole(id, "slow" + std::to_string(id), "bytes");
    held.expect_visitors(2);
    other.say(file_transfer::offer{.id = 1, .name = "answered", .size = 5});
    EXPECT_TRUE(std::holds_alternative<file_transfer::accept>(other.reply()));
    held.open();
    for (int i = 0; i < 20; ++i)
        sender.name_of_next_stored();
}

TEST_F(hooks_of_a_receiver, run_on_a_single_thread_too) {
    serving.blocking_threads = 1;
    judge([](const received_file&) -> std::optional<std::string> { return std::nullopt; });
    options.on_stored = [this](const stored_file& file) { heard.add(file.name); };
    start();
    {
        file_peer sender{where};
        for (file_transfer::file_id id = 1; id <= 20; ++id)
            sender.send_whole(id, std::to_string(id), "bytes");
        for (int i = 0; i < 20; ++i)
            sender.name_of_next_stored();
    }
    EXPECT_EQ(stop(), 0);
    EXPECT_NE(heard.lines().find("20;"), std::string::npos);
}

TEST_F(hooks_of_a_receiver, have_time_whatever_limits_there_are) {
    bounds.idle_timeout = 2s; // each of them enough to send a file
    bounds.handler_timeout = 2s;
    options.upload_deadline = 2s;
    options.min_rate = 1'000'000;
    options.rate_grace = 2s;
    options.offer_timeout = 2s;
    judge([this](const received_file&) -> std::optional<std::string> {
        held.pass();
        return std::nullopt;
    });
    start();
    file_peer idle{where}, ended{where};
    idle.send_whole(1, "idle", "bytes");
    ended.send_whole(1, "ended", "bytes");
    ended.connection().end_writing();
    held.expect_visitors(2);
    std::this_thread::sleep_for(3s); // longer than any of the limits
    held.open();
    EXPECT_EQ(idle.name_of_next_stored(), "idle");
    EXPECT_EQ(ended.name_of_next_stored(), "ended");
    EXPECT_EQ(idle.connection().read_to_end(), "") << "the limits apply again";
}

// --- connections and servers that end meanwhile ------------------------------------------------------------------------

TEST_F(hooks_of_a_receiver, finish_a_file_whose_sender_has_left) {
    judge([this](const received_file&) -> std::optional<std::string> {
        held.pass();
        return std::nullopt;
    });
    options.on_stored = [this](const stored_file& file) { heard.add(file.name); };
    start();
    {
        file_peer sender{where};
        sender.send_whole(1, "a", "bytes");
        sender.say(file_transfer::offer{.id = 2, .name = "cut", .size = 9});
        held.expect_visitors(1);
    }
    held.open();
    EXPECT_EQ(stop(), 0);
    EXPECT_EQ(content("a"), "bytes");
    EXPECT_FALSE(has("cut"));
    EXPECT_EQ(heard.lines(), "a;");
}

TEST_F(hooks_of_a_receiver, publish_nothing_that_is_taken_back_meanwhile) {
    judge([this](const received_file& file) -> std::optional<std::string> {
        held.pass();
        heard.add(read_whole(file.path));
        return std::nullopt;
    });
    start();
    {
        file_peer sender{where};
        sender.send_whole(1, "a", "bytes");
        held.expect_visitors(1);
        sender.say(file_transfer::abandon{.id = 1});
        sender.say(file_transfer::offer{.id = 2, .name = ".", .size = 9});
        EXPECT_EQ(sender.next_refusal().code, refusal_code::name) << "what is taken back has no reply";
        EXPECT_EQ(staged(), 0u);
        held.open();
    }
    EXPECT_EQ(stop(), 0);
    EXPECT_FALSE(has("a"));
    EXPECT_EQ(heard.lines(), "bytes;") << "the path is good until the hook returns";
}

TEST_F(hooks_of_a_receiver, answer_a_sender_that_comes_back_over_another_connection) {
    judge([this](const received_file&) -> std::optional<std::string> {
        held.pass();
        return std::nullopt;
    });
    start();
    file_peer first{where}, second{where};
    first.send_whole(1, "a", "bytes", "token");
    held.expect_visitors(1);
    second.say(file_transfer::offer{.id = 1, .name = "a", .size = 5, .resume = "token"});
    EXPECT_EQ(std::get<file_transfer::accept>(second.reply()).offset, 5u);
    second.end_whole(1, "bytes");
    held.expect_visitors(2);
    held.open();
    EXPECT_EQ(second.name_of_next_stored(), "a");
    EXPECT_EQ(first.next_refusal().code, refusal_code::superseded);
}

TEST_F(hooks_of_a_receiver, are_waited_for_by_a_stop) {
    judge([this](const received_file&) -> std::optional<std::string> {
        held.pass();
        return std::nullopt;
    });
    start();
    {
        file_peer sender{where};
        sender.send_whole(1, "a", "bytes");
        held.expect_visitors(1);
        begin_to_stop();
        std::this_thread::sleep_for(100ms); // so that it has begun
        held.open();
        EXPECT_EQ(sender.name_of_next_stored(), "a");
    }
    EXPECT_EQ(stop(), 0);
    EXPECT_EQ(content("a"), "bytes");
}

TEST_F(hooks_of_a_receiver, leave_a_file_to_another_attempt_when_a_stop_cuts_them_off) {
    bounds.drain_timeout = 100ms;
    judge([this](const received_file&) -> std::optional<std::string> {
        held.pass();
        return std::nullopt;
    });
    start();
    {
        file_peer sender{where};
        sender.send_whole(1, "a", "bytes", "token");
        EXPECT_TRUE(std::holds_alternative<file_transfer::accept>(sender.reply()));
        held.expect_visitors(1);
        begin_to_stop();
        try {
            EXPECT_EQ(sender.connection().read_to_end(), "");
        } catch (const std::system_error&) {} // it was reset
    }
    std::this_thread::sleep_for(2s); // the shards end, while the hook goes on
    held.open();
    EXPECT_EQ(stop(), 3);
    end();
    EXPECT_FALSE(has("a"));
    EXPECT_EQ(staged(), 1u);

    options.on_received = nullptr;
    start();
    file_peer again{where};
    again.say(file_transfer::offer{.id = 1, .name = "a", .size = 5, .resume = "token"});
    EXPECT_EQ(std::get<file_transfer::accept>(again.reply()).offset, 5u);
    again.end_whole(1, "bytes");
    EXPECT_EQ(again.name_of_next_stored(), "a");
}

// --- other senders ----------------------------------------------------------------------------------------------------

TEST_F(hooks_of_a_receiver, are_those_of_a_plain_receiver) {
    options.on_stored = [this](const stored_file& file) { heard.add("stored " + file.name); };
    options.on_failed = [this](const failed_file& file) { heard.add(file.code + ": " + file.name); };
    judge([](const received_file& file) -> std::optional<std::string> {
        if (read_whole(file.path).starts_with("MZ"))
            return "programs are not accepted";
        return std::nullopt;
    });
    start(raw{}, plain_file_receiver{options});
    EXPECT_EQ(ask(where, "a.exe<SEPARATOR>4MZ12"), "");
    EXPECT_EQ(ask(where, "a.txt<SEPARATOR>4text"), "");
    EXPECT_EQ(stop(), 0);
    EXPECT_FALSE(has("a.exe"));
    EXPECT_EQ(content("a.txt"), "text");
    EXPECT_EQ(staged(), 0u);
    EXPECT_EQ(heard.lines(), "content: a.exe;stored a.txt;");
}

namespace {

boost::asio::awaitable<void> send_once(shard& home, std::string url, std::string path, sent_file& outcome) {
    outcome = co_await send_file(home, std::move(url), std::move(path));
}

} // namespace

TEST_F(hooks_of_a_receiver, reject_a_file_for_good) {
    judge([this](const received_file& file) -> std::optional<std::string> {
        heard.add(file.name);
        return "programs are not accepted";
    });
    start();
    temporary_directory own;
    std::ofstream{own / "a.exe"} << "MZ";
    runtime home{1};
    sent_file outcome;
    home.run(send_once(home[0], where.to_string(), (own / "a.exe").string(), outcome));
    EXPECT_FALSE(outcome.stored);
    EXPECT_EQ(outcome.code, "content");
    EXPECT_EQ(outcome.why, "programs are not accepted");
    EXPECT_EQ(heard.lines(), "a.exe;") << "it was not sent again";
}

} // namespace fairlead::test
