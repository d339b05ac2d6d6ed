// What happens to files when memory runs out on either side: each allocation fails once, or for good from there on until the
// memory comes back. An upload may be lost; no file is called stored that is not whole, and a later upload works.

#include "integration/support/client.hpp"
#include "integration/support/fake_receiver.hpp"
#include "integration/support/running_server.hpp"
#include "integration/support/temporary_directory.hpp"
#include "support/allocation_sweep.hpp"

#include "file_transfer/digest.hpp"
#include "file_transfer/message.hpp"

#include <fairlead/file_transfer/send_files.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/handlers/file_receiver.hpp>
#include <fairlead/runtime.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace fairlead::test {

namespace {

using namespace std::chrono_literals;
namespace ft = file_transfer;

using names_and_contents = std::map<std::string, std::string>;

const names_and_contents small_files{{"a file with a name of some length", "its contents"},
                                     {"b", "2026" + std::string(100'000, 'b')}};

class allocation_of_files : public ::testing::TestWithParam<failing> {
protected:
    quiet_log quiet;
};

// --- the receiver ---------------------------------------------------------------------------------------------------

/// A sender's side of one connection: offers, pieces and ends at once, as if all offers were accepted. The first file may be
/// gone on with.
std::string upload_of(const names_and_contents& files) {
    std::string all;
    ft::file_id id = 0;
    for (const auto& [name, contents] : files) {
        const std::string resume = ++id == 1 ? "some-token" : "";
        all += frame(ft::write_message(ft::offer{.id = id, .name = name, .size = contents.size(), .resume = resume}));
        all += frame(ft::write_message(
            ft::piece{.id = id, .check = ft::check_of(bytes_view{contents}), .bytes = bytes_view{contents}}));
        all += frame(ft::write_message(
            ft::finish{.id = id, .size = contents.size(), .hash = ft::digest_of(bytes_view{contents})}));
    }
    return all;
}

std::string read_all_that_comes(client& from) {
    std::string came;
    try {
        for (std::string more = from.read(1); !more.empty(); more = from.read(1))
            came += more;
    } catch (const std::system_error& failed) {
        EXPECT_NE(failed.code().value(), EAGAIN) << "nothing comes, and no end";
    }
    return came;
}

/// The names that a receiver calls stored.
std::vector<std::string> stored_according_to(const std::string& replies) {
    framing rules = length_prefixed{};
    std::vector<std::string> names;
    bytes_view rest{replies};
    while (const auto next = rules.decode(rest)) {
        if (!next->message)
            break;
        const auto read = ft::read_message(*next->message);
        if (const auto* const what = std::get_if<ft::message>(&read))
            if (const auto* const stored = std::get_if<ft::stored>(what))
                names.push_back(stored->name);
        rest = rest.from(next->consumed);
    }
    return names;
}

std::string contents_of(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

struct framed {
    using receiver = file_receiver;
    static framing rules() { return length_prefixed{}; }
};

struct plain {
    using receiver = plain_file_receiver;
    static framing rules() { return raw{}; }
};

/// Uploads to a receiver that lives on a thread of its own, and has hooks.
template <class Protocol>
class receiver_of_files {
public:
    receiver_of_files() : files_{options()}, server_{Protocol::rules(), files_, listening()} {
        listens_.get_future().wait();
    }

    /// Begins an upload and leaves it to the receiver to end the connection.
    client begin(const std::string& bytes) {
        client sender{server_.where()};
        try {
            sender.write(bytes);
            sender.end_writing();
        } catch (const std::system_error&) {} // ended already
        return sender;
    }

    void expect_whole(const std::vector<std::string>& stored) const {
        for (const auto& each : stored)
            EXPECT_TRUE(std::filesystem::exists(directory_ / each.c_str())) << each;
        for (const auto& each : std::filesystem::directory_iterator{directory_.path()}) {
            if (each.is_regular_file()) {
                const auto known = small_files.find(each.path().filename().string());
                ASSERT_NE(known, small_files.end()) << each.path();
                EXPECT_TRUE(contents_of(each.path()) == known->second) << each.path();
            }
        }
    }

    void expect_stored(const std::vector<std::string>& stored, std::size_t count) const {
        EXPECT_EQ(stored.size(), count);
        expect_whole(stored);
    }

    const running_server& server() const noexcept { return server_; }
    std::uint64_t open() const { return files_.statistics().open; }
    std::uint64_t count_stored() const { return files_.statistics().stored; }
    int stop() { return server_.stop(); }

private:
    file_receiver_options options() const {
        file_receiver_options chosen;
        chosen.directory = directory_.path().string();
        chosen.existing = existing_file::replace;
        chosen.durable = false;
        chosen.min_free_space = 0;
        chosen.max_uploads_per_address = small_files.size(); // so a place that is not given back is missed
        chosen.on_received = [](const received_file&) { return std::optional<std::string>{}; };
        chosen.on_stored = [](const stored_file&) {};
        chosen.on_failed = [](const failed_file&) {};
        return chosen;
    }

    server_options listening() {
        server_options chosen = test_options();
        chosen.on_listening = [this](const endpoint&) { listens_.set_value(); };
        return chosen;
    }

    temporary_directory directory_;
    typename Protocol::receiver files_;
    std::promise<void> listens_;
    running_server server_;
};

/// Ends the failing once the connection has ended or an allocation has failed; returns whether one did.
bool wait_for_failure(const running_server& server, failing kind) {
    if (kind != failing::for_good)
        return false;
    const auto ended = [&] { return server.statistics_after(0).closed.total() != 0; };
    for (int i = 0; i < 10'000 && !has_failed() && !ended(); ++i)
        std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(2ms); // more than one may fail
    return stop_failing();
}

/// One upload while the nth allocation of the receiver's threads fails, and one with memory behind it.
bool receive_without_memory(const std::string& bytes, std::size_t nth, failing kind) {
    receiver_of_files<framed> receiver;
    fail_allocation_elsewhere(std::this_thread::get_id(), nth, kind);
    client sender = receiver.begin(bytes);
    bool failed = wait_for_failure(receiver.server(), kind);
    const auto stored = stored_according_to(read_all_that_comes(sender));
    receiver.server().statistics_when([&](const statistics& now) { return now.active == 0 && receiver.open() == 0; });
    failed = stop_failing() || failed;
    EXPECT_EQ(receiver.open(), 0u) << "after allocation " << nth;
    receiver.expect_whole(stored);

    client again = receiver.begin(bytes);
    receiver.expect_stored(stored_according_to(read_all_that_comes(again)), small_files.size());
    EXPECT_EQ(receiver.stop(), 0) << "after allocation " << nth;
    EXPECT_EQ(receiver.open(), 0u) << "after allocation " << nth;
    return failed;
}

TEST_P(allocation_of_files, that_fails_at_a_receiver_ends_an_upload_at_most) {
    const std::string bytes = upload_of(small_files);
    for_every_allocation([&](std::size_t nth) { return receive_without_memory(bytes, nth, GetParam()); }, 6);
}

// --- the plain receiver ---------------------------------------------------------------------------------------------

/// A name, a separator, the size and the contents. These begin with digits, so that they are copied behind them at the end.
std::string plain_upload_of(const std::string& name) {
    const std::string& contents = small_files.at(name);
    return name + "<SEPARATOR>" + std::to_string(contents.size()) + contents;
}

/// The same for a plain receiver, which gives no answers: a file is there and whole, or is not there.
bool receive_plain_without_memory(const std::string& name, std::size_t nth, failing kind) {
    receiver_of_files<plain> receiver;
    fail_allocation_elsewhere(std::this_thread::get_id(), nth, kind);
    client sender = receiver.begin(plain_upload_of(name));
    bool failed = wait_for_failure(receiver.server(), kind);
    EXPECT_EQ(read_all_that_comes(sender), "");
    receiver.server().statistics_when([&](const statistics& now) { return now.active == 0 && receiver.open() == 0; });
    failed = stop_failing() || failed;
    EXPECT_EQ(receiver.open(), 0u) << "after allocation " << nth;
    receiver.expect_whole({});

    const auto stored_before = receiver.count_stored();
    client again = receiver.begin(plain_upload_of(name));
    EXPECT_EQ(read_all_that_comes(again), "");
    EXPECT_EQ(receiver.stop(), 0) << "after allocation " << nth;
    EXPECT_EQ(receiver.count_stored(), stored_before + 1) << "after allocation " << nth;
    receiver.expect_whole({name});
    EXPECT_EQ(receiver.open(), 0u) << "after allocation " << nth;
    return failed;
}

TEST_P(allocation_of_files, that_fails_at_a_plain_receiver_ends_an_upload_at_most) {
    const std::string name = small_files.rbegin()->first;
    for_every_allocation([&](std::size_t nth) { return receive_plain_without_memory(name, nth, GetParam()); }, 4);
}

// --- the sender -----------------------------------------------------------------------------------------------------

enum class thread_of_sender { shard, blocking };

boost::asio::awaitable<void> send_while_failing(shard& home, std::string where, std::vector<file_to_send> files,
                                                send_files_options how, std::size_t nth, failing kind,
                                                thread_of_sender whose, std::vector<sent_file>& outcome) {
    std::thread::id victim = std::this_thread::get_id();
    const auto id = [] { return std::this_thread::get_id(); };
    if (whose == thread_of_sender::blocking)
        victim = co_await home.blocking(id);
    fail_allocation(victim, nth, kind);
    outcome = co_await send_files(home, std::move(where), std::move(files), std::move(how));
}

class sender_without_memory {
public:
    sender_without_memory() {
        how_.pause = {.initial_delay = 1ms, .max_delay = 1ms};
        how_.retries = 2;
        for (const auto& [name, contents] : small_files) {
            const auto path = directory_ / name.c_str();
            std::ofstream{path, std::ios::binary} << contents;
            files_.push_back({.path = path.string()});
        }
    }

    /// Sends while an allocation of one thread fails, and again with memory.
    bool send(std::size_t nth, failing kind, thread_of_sender whose) {
        fake_receiver receiver;
        std::vector<sent_file> first, second;
        std::atomic<bool> failed{false};
        {
            runtime home{1, 1};
            const std::jthread relief{[&](const std::stop_token& ended) {
                if (kind == failing::for_good)
                    bring_memory_back(ended, failed);
            }};
            try {
                home.run(send_while_failing(home[0], receiver.url(), files_, how_, nth, kind, whose, first));
                EXPECT_EQ(first.size(), files_.size()) << "after allocation " << nth;
            } catch (const std::bad_alloc&) {}
            if (stop_failing())
                failed = true;
        }
        runtime home{1};
        home.run(send_with_memory(home[0], receiver.url(), second));
        EXPECT_EQ(second.size(), small_files.size());
        for (const auto& each : second)
            EXPECT_TRUE(each.stored) << "after allocation " << nth << ": " << each.why;
        const auto stored = receiver.stored();
        EXPECT_EQ(stored, small_files);
        for (const auto& each : first) {
            if (each.stored)
                EXPECT_EQ(each.hash, ft::digest_of(bytes_view{small_files.at(each.name)}).to_string());
            else
                EXPECT_FALSE(each.code.empty()) << "after allocation " << nth;
        }
        return failed;
    }

private:
    boost::asio::awaitable<void> send_with_memory(shard& home, std::string where, std::vector<sent_file>& outcome) {
        outcome = co_await send_files(home, std::move(where), files_, how_);
    }

    // Blocking work that has ended waits for memory to say so.
    static void bring_memory_back(const std::stop_token& ended, std::atomic<bool>& failed) {
        while (!ended.stop_requested()) {
            std::this_thread::sleep_for(1ms);
            if (!has_failed())
                continue;
            std::this_thread::sleep_for(10ms); // more than one may fail
            if (stop_failing())
                failed = true;
        }
    }

    temporary_directory directory_;
    std::vector<file_to_send> files_;
    send_files_options how_;
};

TEST_P(allocation_of_files, that_fails_on_the_shard_of_a_sender_leaves_every_file_with_an_outcome) {
    sender_without_memory sender;
    for_every_allocation([&](std::size_t nth) { return sender.send(nth, GetParam(), thread_of_sender::shard); }, 8);
}

TEST_P(allocation_of_files, that_fails_where_a_sender_reads_leaves_every_file_with_an_outcome) {
    sender_without_memory sender;
    for_every_allocation([&](std::size_t nth) { return sender.send(nth, GetParam(), thread_of_sender::blocking); }, 3);
}

INSTANTIATE_TEST_SUITE_P(fails, allocation_of_files, ::testing::Values(failing::once, failing::for_good),
                         kind_of_failure);

} // namespace

} // namespace fairlead::test
