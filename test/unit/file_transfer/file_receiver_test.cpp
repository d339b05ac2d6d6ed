#include "file_transfer/interruptible_event.hpp"

#include "integration/support/temporary_directory.hpp"
#include "support/file_uploads.hpp"
#include "support/session_fixture.hpp"

#include <fairlead/handlers/file_receiver.hpp>

#include <filesystem>
#include <gtest/gtest.h>

namespace fairlead::test {

namespace {

using namespace file_transfer;

boost::asio::awaitable<void> receive_from(std::shared_ptr<session> peer, file_receiver files) {
    co_await files(*peer);
    peer->abort(errc::closed);
}

class receiver_of_a_session : public session_fixture {
protected:
    /// Serves a sender of these messages, which goes on to listen, until the receiver has had enough of it.
    void serve(const std::vector<std::string>& messages) {
        file_receiver_options options{.directory = folder.path().string(), .min_free_space = 0};
        options.on_failed = [this](const failed_file& file) { failure = file.why; };
        const auto peer = make_session();
        for (const auto& each : messages)
            far.send(frame(each));
        start(home, receive_from(peer, file_receiver{options}));
        run_to_end(home);
    }

    temporary_directory folder;
    std::string failure;
};

} // namespace

TEST_F(receiver_of_a_session, lets_no_sender_wait_for_a_reply_that_could_not_be_sent) {
    const std::string long_name(180, 'n'); // no more than a message holds, but the answer does not fit
    serve({write_message(offer{.id = 1, .name = long_name, .size = 0}), write_message(end_of(1, ""))});
    EXPECT_TRUE(std::filesystem::exists(folder.path() / long_name));
}

TEST_F(receiver_of_a_session, says_of_open_files_that_their_sender_broke_the_protocol) {
    serve({write_message(offer{.id = 1, .name = "a", .size = 1}), "what is this"});
    EXPECT_EQ(failure, "its sender did not keep to the protocol");
}

TEST_F(session_fixture, looks_at_no_flag_that_is_forgotten) {
    std::atomic<bool> flag{false};
    interruptible_event changed{core_of(home), &flag};
    const auto watched = make_session();
    changed.watch(watched);
    changed.forget_flag();
    flag = true;
    clock.advance(std::chrono::seconds{1});
    EXPECT_FALSE(changed.interrupted());
    EXPECT_FALSE(watched->close_reason());
}

} // namespace fairlead::test
