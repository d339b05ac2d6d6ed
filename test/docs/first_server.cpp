// The program of docs/first-server.md.
#define main first_server_main
#include <fairlead/fairlead.hpp>

#include <iostream>

// The server calls this function once for each message.
void greet(fairlead::bytes_view message, fairlead::peer& from) {
    from.send("hello " + to_string(message));
}

int main(int argc, char** argv) {
    fairlead::server server;
    const auto address = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", fairlead::line{}, greet);
    std::cout << "listening " << address.to_string() << std::endl;
    return server.run(); // until SIGINT or SIGTERM
}
#undef main

#include "docs/program_run.hpp"

namespace fairlead::test {

TEST(first_server, greets_each_line_and_stops) {
    program_run program{first_server_main};
    EXPECT_EQ(program.ask(line{}, {"Ann", "Bo"}), (texts{"hello Ann", "hello Bo"}));
    EXPECT_EQ(program.stop(), 0);
}

TEST(first_server, listens_at_several_addresses) {
    server_options options;
    options.threads = 1;
    server server{options};
    const auto lines = server.listen("tcp://127.0.0.1:0", fairlead::line{}, greet); // 0: a port that is free
    const auto frames = server.listen("tcp://127.0.0.1:0", fairlead::length_prefixed{}, greet);
    const auto local = server.listen("unix://@hello", fairlead::line{}, greet); // processes of this machine
    const auto datagrams = server.listen("udp://127.0.0.1:0", greet);           // a datagram is one message
    server_run running{server};
    EXPECT_EQ(ask(lines.to_string(), line{}, {"Ann"}), texts{"hello Ann"});
    EXPECT_EQ(ask(frames.to_string(), length_prefixed{}, {"Ann"}), texts{"hello Ann"});
    EXPECT_EQ(ask(local.to_string(), line{}, {"Ann"}), texts{"hello Ann"});
    EXPECT_NE(datagrams.port(), 0);
    EXPECT_EQ(running.stop(), 0);
}

} // namespace fairlead::test
