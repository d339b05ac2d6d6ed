#include "command.hpp"

#include "integration/support/temporary_directory.hpp"

#include <CLI/CLI.hpp>

#include <fstream>
#include <gtest/gtest.h>
#include <string>

namespace fairlead::command {

TEST(check, prints_a_configuration_without_the_passwords_in_its_urls) {
    const test::temporary_directory folder;
    const std::string file = (folder / "chat.toml").string();
    std::ofstream{file} << "handler = \"chat\"\nlisten = \"tcp://127.0.0.1:9000\"\nframing = \"line\"\n"
                           "topics = \"nats://ann:secret@one,nats://bob:p/w@two\"\n";
    CLI::App program;
    const subcommand checking = add_check(program);
    program.parse("check " + file);
    testing::internal::CaptureStdout();
    EXPECT_EQ(checking.run(), 0);
    const std::string printed = testing::internal::GetCapturedStdout();
    EXPECT_NE(printed.find("topics = \"nats://ann:***@one,nats://bob:***@two\""), std::string::npos) << printed;
}

} // namespace fairlead::command
