// The examples of the transfer of files, as in the headers.
// clang-format off

#include "docs/header_examples.hpp"

#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace std::literals;

namespace fairlead::docs {

namespace {

boost::asio::awaitable<void> receive(session& session, const std::map<std::string, file_receiver, std::less<>>& users) {
    const auto token = co_await session.receive();
    const auto user = token ? users.find(token->text()) : users.end();
    if (user != users.end())
        co_await user->second(session);         // also gets files sent right behind the token
    else
        file_receiver::refuse(session, "unknown token");
}

[[maybe_unused]] void receive_files(server& server) {
    server.listen("tcp://[::]:9000", length_prefixed{}, file_receiver{{.directory = "/srv/incoming"}});
    server.listen("tcp://[::]:9000", raw{}, plain_file_receiver{{.directory = "/srv/incoming"}});
    static const std::map<std::string, file_receiver, std::less<>> users;
    server.listen("tcp://[::]:9001", length_prefixed{}, [](session& session) { return receive(session, users); });
}

file_receiver_options use_hook_of_files() {
    file_receiver_options options;
    options.on_received = [](const received_file& file) -> std::optional<std::string> {
        std::ifstream bytes{file.path, std::ios::binary};
        if (bytes.get() == 'M' && bytes.get() == 'Z')
            return "programs are not accepted";
        return std::nullopt;
    };
    return options;
}

std::string use_file_options() {
    const file_receiver_options options{.directory = "/srv/incoming", .max_file_size = 1 << 30};
    return options.directory;
}

unsigned use_sending_options() {
    const send_files_options patient{.retries = 20, .reply_timeout = 10min};
    return patient.retries;
}

[[maybe_unused]] boost::asio::awaitable<void> send_two_files(shard& shard) {
    const std::vector<file_to_send> files{{.path = "a.iso"}, {.path = "b.iso"}};
    const send_files_options options;
    const auto outcome = co_await send_files(shard, "tcp://10.0.0.7:9000", files, options);
    for (const sent_file& file : outcome)
        std::cout << file.path << (file.stored ? " stored" : " failed: " + file.why) << '\n';
}

} // namespace

TEST(examples_of_headers, show_names_of_files) {
    const std::string_view name = local_name("dir/old\\config.txt");      // old\config.txt
    EXPECT_EQ(name, R"(old\config.txt)");
}

TEST(examples_of_headers, show_options_of_files) {
    EXPECT_EQ(use_file_options(), "/srv/incoming");
    EXPECT_TRUE(use_hook_of_files().on_received);
    EXPECT_EQ(use_sending_options(), 20u);
}

} // namespace fairlead::docs
