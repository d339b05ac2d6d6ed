#include "config/serve_plan.hpp"
#include "serve_checks.hpp"

#include "integration/support/temporary_directory.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>

namespace fairlead::command {

namespace {

class checked_files : public testing::Test {
protected:
    /// The faults of a configuration, without the path before each.
    std::string faults(const std::string& text) {
        const std::string file = path("serve.toml");
        std::ofstream{file} << text;
        try {
            check(make_plan({.config = file}), check_depth::start);
            return "";
        } catch (const config_error& wrong) {
            std::string lines = wrong.what();
            for (auto at = lines.find(file + ':'); at != lines.npos; at = lines.find(file + ':'))
                lines.erase(at, file.size() + 1);
            return lines;
        }
    }

    std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

    test::temporary_directory folder_;
};

const std::string web_echo =
    "handler = \"echo\"\nlisten = \"ws://127.0.0.1:9000/\"\nadmin = \"tcp://127.0.0.1:9901\"\n";

} // namespace

// `serve` would have refused them at its start, after a check that found nothing.
TEST_F(checked_files, are_missing) {
    EXPECT_EQ(faults(web_echo + "ws-files = \"" + path("page") + "\"\nadmin-token = \"" + path("token") + "\"\n"),
              "4:12: --ws-files: cannot serve the files of " + path("page") +
                  ": No such file or directory\n5:15: --admin-token: there is no file " + path("token"));
}

TEST_F(checked_files, are_there) {
    std::filesystem::create_directory(path("page"));
    std::ofstream{path("token")} << "secret";
    EXPECT_EQ(faults(web_echo + "ws-files = \"" + path("page") + "\"\nadmin-token = \"" + path("token") + "\"\n"), "");
}

#ifdef FAIRLEAD_FILES
TEST_F(checked_files, include_the_directory_of_the_audit_log) {
    EXPECT_EQ(faults(web_echo + "audit-log = \"" + path("logs/audit") + "\"\n"),
              "4:13: --audit-log: cannot open " + path("logs/audit") + ": No such file or directory");
    std::filesystem::create_directory(path("logs"));
    EXPECT_EQ(faults(web_echo + "audit-log = \"" + path("logs/audit") + "\"\n"), "");
    EXPECT_FALSE(std::filesystem::exists(path("logs/audit"))) << "a check makes no file";
    EXPECT_EQ(faults(web_echo + "audit-log = \"" + path("logs") + "\"\n"),
              "4:13: --audit-log: " + path("logs") + " is a directory; name a file");
}
#endif

} // namespace fairlead::command
