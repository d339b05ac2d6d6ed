// The program of docs/scaling.md.
#define main scaling_main
#include <fairlead/fairlead.hpp>
#include <fairlead/nats.hpp>

#include <iostream>

int main(int argc, char** argv) {
    fairlead::topics rooms{fairlead::nats(argc > 2 ? argv[2] : "nats://127.0.0.1:4222", {.name = "chat"})};
    fairlead::server server;
    const auto handler = [&rooms](fairlead::bytes_view message, fairlead::peer& from) {
        rooms.subscribe(from, "room/1");
        rooms.publish("room/1", message);
    };
    const auto address = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", fairlead::line{}, handler);
    rooms.start(server.shards()[0]);
    std::cout << "listening " << address.to_string() << std::endl;
    const int status = server.run();
    rooms.stop(); // the bridge uses a shard of the server
    return status;
}
#undef main

#include "docs/program_run.hpp"

namespace fairlead::test {

TEST(scaling_page, serves_the_subscribers_of_its_own_process_while_there_is_no_broker) {
    program_run program{scaling_main, {"nats://127.0.0.1:1"}};
    EXPECT_EQ(program.ask(line{}, {"hello", "again"}), (texts{"hello", "again"}));
    EXPECT_EQ(program.stop(), 0);
}

} // namespace fairlead::test
