#include "command.hpp"

#include <CLI/CLI.hpp>

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

namespace fairlead::command {

TEST(send, says_which_urls_files_go_to) {
    for (const std::string where : {"udp://127.0.0.1:9000", "ws://127.0.0.1:9000/", "wss://127.0.0.1:9000/"}) {
        CLI::App program;
        const subcommand sending = add_send(program);
        program.parse("send " + where + " report.pdf");
        try {
            sending.run();
            ADD_FAILURE() << where;
        } catch (const std::invalid_argument& refused) {
            EXPECT_NE(std::string{refused.what()}.find("; send to tcp://, tls:// or unix://"), std::string::npos)
                << refused.what();
        }
    }
}

} // namespace fairlead::command
