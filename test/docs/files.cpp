// The C++ of docs/files.md, beside apps/examples/10_file_drop.cpp.
#include "integration/support/temporary_directory.hpp"

#include <fairlead/file_transfer/receiver_options.hpp>

#include <fstream>
#include <gtest/gtest.h>
#include <optional>
#include <string>

std::optional<std::string> refuse_programs(const fairlead::received_file& file) {
    std::ifstream bytes{file.path, std::ios::binary};
    if (bytes.get() == 'M' && bytes.get() == 'Z')
        return "programs are not accepted";
    return std::nullopt;
}

namespace fairlead::test {

TEST(files_page, refuses_programs_by_their_first_bytes) {
    const temporary_directory directory;
    received_file file;
    file.path = directory / "received";
    const file_receiver_options options{.directory = directory.path(), .on_received = refuse_programs};
    const auto verdict_on = [&](const char* content) {
        std::ofstream{file.path} << content;
        return options.on_received(file);
    };
    EXPECT_EQ(verdict_on("MZ\x90"), "programs are not accepted");
    EXPECT_EQ(verdict_on("Me"), std::nullopt);
    EXPECT_EQ(verdict_on(""), std::nullopt);
}

} // namespace fairlead::test
