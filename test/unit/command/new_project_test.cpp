#include "new/placeholders.hpp"
#include "new/project.hpp"
#include "new/project_files.hpp"
#include "new/write_project.hpp"

#include "has.hpp"
#include "integration/support/temporary_directory.hpp"

#include <fairlead/framing/parse.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace fairlead::command {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> paths_of(const project& wanted) {
    std::vector<std::string> paths;
    for (const project_file& each : files_of(checked(wanted)))
        paths.push_back(each.path);
    return paths;
}

std::string text_of(const project& wanted, const std::string& path) {
    const auto files = files_of(checked(wanted));
    const auto found = std::ranges::find(files, path, &project_file::path);
    return found == files.end() ? "there is no " + path : found->text;
}

std::string refusal_of(const project& wanted) {
    try {
        static_cast<void>(checked(wanted));
    } catch (const std::invalid_argument& refused) {
        return refused.what();
    }
    return {};
}

std::vector<project> all_kinds() {
    std::vector<project> all;
    for (const char* const handler : {"message", "session"}) {
        for (const char* const framing : {"", "line", "delimiter:\\r\\n", "fixed:1000", "raw", "custom"})
            all.push_back({.name = "greeter", .framing = framing, .handler = handler});
        all.push_back({.name = "greeter", .handler = handler, .transport = "udp"});
        all.push_back({.name = "greeter", .handler = handler, .transport = "ws"});
#ifdef FAIRLEAD_TLS
        all.push_back({.name = "greeter", .handler = handler, .transport = "tls"});
        all.push_back({.name = "greeter", .framing = "custom", .handler = handler, .transport = "tls"});
#endif
    }
    return all;
}

std::string content_of(const fs::path& path) {
    std::ifstream file{path};
    return (std::ostringstream{} << file.rdbuf()).str();
}

std::size_t entries_of(const fs::path& directory) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator{directory}, {}));
}

} // namespace

TEST(project_names, are_lower_case_words) {
    for (const char* const name : {"a", "greeter", "price-feed", "price_feed2", "x1-y2_z3"})
        EXPECT_NO_THROW(check_project_name(name)) << name;
    for (const char* const name :
         {"", "9lives", "Greeter", "a b", "a/b", "..", "a.b", "-a", "a-", "a--b", "a_-b", "größe", "a\n", "a;b", "$a"})
        EXPECT_THROW(check_project_name(name), std::invalid_argument) << name;
    EXPECT_NO_THROW(check_project_name(std::string(64, 'a')));
    EXPECT_THROW(check_project_name(std::string(65, 'a')), std::invalid_argument);
}

TEST(project_names, are_none_that_cmake_has_for_itself) {
    for (const char* const name : {"test", "all", "install", "fairlead"})
        EXPECT_TRUE(has(refusal_of({.name = name}), "choose another one, such as " + std::string{name} + "-server"))
            << name;
}

TEST(project_choices, have_the_framings_of_the_other_commands) {
    EXPECT_EQ(checked({.name = "a"}).framing, "length");
    EXPECT_EQ(checked({.name = "a", .framing = "length:2:le"}).framing, "length:2:le");
    EXPECT_EQ(checked({.name = "a", .framing = "custom"}).framing, "custom");
    std::string said;
    try {
        parse_framing("lines");
    } catch (const std::invalid_argument& refused) {
        said = refused.what();
    }
    EXPECT_EQ(refusal_of({.name = "a", .framing = "lines"}), said);
}

TEST(project_choices, refuse_a_framing_where_the_transport_divides_messages) {
    for (const char* const framing : {"line", "custom", "lines"}) {
        EXPECT_EQ(refusal_of({.name = "a", .framing = framing, .transport = "udp"}),
                  "--framing does not go with --transport udp: a datagram is a message already; leave it out");
        EXPECT_EQ(refusal_of({.name = "a", .framing = framing, .transport = "ws"}),
                  "--framing does not go with --transport ws: WebSocket divides messages itself; leave it out");
    }
    EXPECT_TRUE(has(refusal_of({.name = "a", .framing = "websocket:text"}), "write --transport ws"));
}

TEST(project_files, are_those_of_the_choices) {
    EXPECT_EQ(paths_of({.name = "greeter"}),
              (std::vector<std::string>{".dockerignore", ".gitignore", "CMakeLists.txt", "CMakePresets.json",
                                        "Dockerfile", "README.md", "greeter.service", "src/framing.hpp",
                                        "src/handler.cpp", "src/handler.hpp", "src/main.cpp", "test/CMakeLists.txt",
                                        "test/handler_test.cpp", "test/server_test.py"}));
    const auto has_file = [](const project& wanted, const std::string& path) {
        const auto paths = paths_of(wanted);
        return std::ranges::find(paths, path) != paths.end();
    };
    EXPECT_TRUE(has_file({.name = "a", .framing = "custom"}, "src/framing.cpp"));
    EXPECT_TRUE(has_file({.name = "a", .framing = "custom"}, "test/framing_test.cpp"));
    EXPECT_FALSE(has_file({.name = "a", .transport = "udp"}, "src/framing.hpp"));
    EXPECT_TRUE(has_file({.name = "a", .transport = "ws"}, "www/index.html"));
#ifdef FAIRLEAD_TLS
    EXPECT_TRUE(has_file({.name = "a", .transport = "tls"}, "test/certificate.sh"));
#endif
}

TEST(project_files, have_no_placeholder_left) {
    const template_values nothing;
    for (const project& each : all_kinds()) {
        for (const project_file& file : files_of(checked(each))) {
            EXPECT_EQ(fill(file.text, nothing), file.text) << file.path;
            EXPECT_EQ(fill(file.path, nothing), file.path);
            EXPECT_TRUE(file.text.ends_with('\n')) << file.path;
        }
    }
}

TEST(project_files, name_every_source_that_is_there) {
    for (const project& each : all_kinds()) {
        const std::string lists = text_of(each, "CMakeLists.txt") + text_of(each, "test/CMakeLists.txt");
        for (const std::string& path : paths_of(each)) {
            const bool source = path.ends_with(".cpp") || path.ends_with(".py") || path.ends_with(".sh");
            EXPECT_EQ(has(lists, fs::path{path}.filename().string()), source) << path;
        }
    }
}

TEST(project_files, quote_the_framing_for_each_language) {
    const project wanted{.name = "a", .framing = R"(delimiter:'"\r\n)"};
    EXPECT_TRUE(has(text_of(wanted, "src/framing.hpp"), R"(return "delimiter:'\"\\r\\n";)"));
    EXPECT_TRUE(has(text_of(wanted, "test/server_test.py"), R"(["--framing", "delimiter:'\"\\r\\n"])"));
    EXPECT_TRUE(has(text_of(wanted, "README.md"), R"(--framing 'delimiter:'\''"\r\n')"));
}

TEST(project_files, of_a_server_with_tls_name_openssl_and_the_user_of_the_container_that_reads_the_key) {
    const std::string readme = text_of({.name = "a", .transport = "tls"}, "README.md");
    EXPECT_TRUE(has(readme, "python3 and openssl."));
    EXPECT_TRUE(has(readme, "the user 65534"));
    EXPECT_FALSE(has(text_of({.name = "a"}, "README.md"), "openssl"));
}

TEST(project_files, keep_the_key_of_a_server_with_tls_out_of_the_container_and_of_the_repository) {
    for (const char* const file : {".dockerignore", ".gitignore"})
        EXPECT_TRUE(has(text_of({.name = "a", .transport = "tls"}, file), "\n*.pem\n")) << file;
}

TEST(project_files, ask_with_a_message_that_the_framing_can_carry) {
    EXPECT_TRUE(has(text_of({.name = "a"}, "test/server_test.py"), R"(self.ask("ahoy"), "AHOY")"));
    for (const char* const framing : {"delimiter:a", "delimiter:HO", "delimiter:yy", "fixed:5"})
        EXPECT_TRUE(
            has(text_of({.name = "a", .framing = framing}, "test/server_test.py"), R"(self.ask("stern"), "STERN")"));
    EXPECT_TRUE(
        has(text_of({.name = "a", .framing = "fixed:16"}, "test/server_test.py"), R"(self.ask("a" * 16), "A" * 16)"));
}

TEST(placeholders, are_capitals_between_two_signs) {
    const template_values values{{"NAME", "@NAME@"}, {"A_B", "x"}};
    EXPECT_EQ(fill("@NAME@.service", values), "@NAME@.service") << "a value is not looked at again";
    EXPECT_EQ(fill("@A_B@@A_B@ @system-service ann@a.example @@ @A_B @", values),
              "xx @system-service ann@a.example @@ @A_B @");
    EXPECT_THROW(fill("@OTHER@", values), std::logic_error);
}

TEST(writing_a_project, makes_the_directory_with_all_files) {
    const test::temporary_directory place;
    const fs::path directory = fs::path{place.path()} / "greeter";
    write_project(directory, {{"a", "1\n"}, {"src/b", "2\n"}});
    EXPECT_EQ(content_of(directory / "a"), "1\n");
    EXPECT_EQ(content_of(directory / "src/b"), "2\n");
    EXPECT_EQ(entries_of(place.path()), 1u) << "the temporary directory is gone";
}

TEST(writing_a_project, fills_an_empty_directory_and_overwrites_nothing) {
    const test::temporary_directory place;
    const fs::path directory = fs::path{place.path()} / "greeter";
    fs::create_directory(directory);
    write_project(directory, {{"a", "1\n"}});
    EXPECT_EQ(content_of(directory / "a"), "1\n");
    EXPECT_THROW(write_project(directory, {{"a", "2\n"}}), std::runtime_error);
    EXPECT_THROW(write_project(directory / "a", {{"a", "2\n"}}), std::runtime_error);
    EXPECT_EQ(content_of(directory / "a"), "1\n");
    EXPECT_EQ(entries_of(place.path()), 1u);
}

TEST(writing_a_project, leaves_nothing_when_it_fails) {
    const test::temporary_directory place;
    const fs::path directory = fs::path{place.path()} / "greeter";
    EXPECT_THROW(write_project(directory, {{"a", "1\n"}, {"a/b", "2\n"}}), std::runtime_error);
    EXPECT_THROW(write_project(directory / "missing/greeter", {{"a", "1\n"}}), std::runtime_error);
    EXPECT_EQ(entries_of(place.path()), 0u);
}

} // namespace fairlead::command
