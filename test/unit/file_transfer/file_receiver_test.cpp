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

boost::asio::awaitable<void> receive_after_login(std::shared_ptr<session> peer, file_receiver files,
                                                 std::string& login) {
    const auto first = co_await peer->receive();
    login = to_string(*first);
    if (login != "token")
        file_receiver::refuse(*peer, "unknown token");
    else
        co_await files(*peer);
    co_await peer->close_gracefully();
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

    /// Serves a sender whose messages come all at once behind a login; returns what it is answered.
    std::string serve_login(const std::string& login) {
        const auto peer = make_session();
        std::string all = frame(login);
        for (const message& each : {message{offer{.id = 1, .name = "a", .size = 0}}, message{end_of(1, "")}})
            all += frame(write_message(each));
        far.send(all);
        far.end();
        start(home, receive_after_login(peer, file_receiver{{.directory = folder.path().string(), .min_free_space = 0}},
                                        seen_login));
        run_to_end(home);
        EXPECT_EQ(seen_login, login);
        return far.received();
    }

    temporary_directory folder;
    std::string failure;
    std::string seen_login;
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

TEST_F(receiver_of_a_session, takes_what_came_right_behind_a_login) {
    EXPECT_EQ(serve_login("token"), frame(write_message(accept{.id = 1, .chunk = file_receiver_options{}.max_chunk})) +
                                        frame(write_message(stored{.id = 1, .name = "a", .hash = digest_of("")})));
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "a"));
}

TEST_F(receiver_of_a_session, tells_a_sender_whose_login_is_wrong) {
    EXPECT_EQ(serve_login("guess"),
              frame(R"({"type":"reject","id":0,"code":"refused","reason":"unknown token","retry":false,"kept":0})"));
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "a"));
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
