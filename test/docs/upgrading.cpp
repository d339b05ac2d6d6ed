// The program of docs/upgrading.md.
#define main upgrading_main
#include <fairlead/fairlead.hpp>

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: " << argv[0] << " URL PATH-OF-HAND-OVER\n";
        return 2;
    }
    fairlead::server server;
    try {
        server.take_over(argv[2]); // from the process that runs, if there is one
        const auto address = server.listen(argv[1], fairlead::line{}, fairlead::echo());
        server.hand_over(argv[2]); // to the next one
        std::cout << "listening " << address.to_string() << std::endl;
    } catch (const std::exception& failed) {
        std::cerr << failed.what() << '\n';
        return 1;
    }
    return server.run();
}
#undef main

#include "docs/program_run.hpp"

#include "integration/support/temporary_directory.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <unistd.h>

namespace fairlead::test {

namespace {

// clang-format off
// Listens with the socket that systemd has opened, or with its own.
void listen_as_passed(fairlead::server& server, const std::string& url) {
    for (fairlead::passed_socket& each : fairlead::take_passed_sockets())
        server.adopt(url, std::move(each)); // throws if it does not fit
    server.listen(url, fairlead::line{}, fairlead::echo());
}
// clang-format on

int run_program(std::string url, std::string path) {
    std::string name = "program";
    char* words[] = {name.data(), url.data(), path.data()};
    return upgrading_main(3, words);
}

} // namespace

TEST(upgrading_page, hands_over_to_the_next_process) {
    const temporary_directory folder;
    const std::string path = "unix://" + (folder / "entrance").string();
    const std::string url = "unix://@fairlead-docs-upgrading-" + std::to_string(::getpid());
    int first_status = -1, second_status = -1;
    std::thread first{[&] { first_status = run_program(url, path); }};
    EXPECT_EQ(ask(url, line{}, {"one"}), texts{"one"});
    std::thread second{[&] { second_status = run_program(url, path); }};
    first.join();
    EXPECT_EQ(first_status, 0);
    EXPECT_EQ(ask(url, line{}, {"two"}), texts{"two"});
    ::kill(::getpid(), SIGTERM);
    second.join();
    EXPECT_EQ(second_status, 0);
}

TEST(upgrading_page, listens_by_itself_where_no_socket_is_passed) {
    const std::string url = "unix://@fairlead-docs-passed-" + std::to_string(::getpid());
    server server;
    listen_as_passed(server, url);
    server_run running{server};
    EXPECT_EQ(ask(url, line{}, {"one"}), texts{"one"});
    EXPECT_EQ(running.stop(), 0);
}

} // namespace fairlead::test
