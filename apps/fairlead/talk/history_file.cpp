#include "talk/history_file.hpp"

#include <fairlead/printable.hpp>

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace fairlead::command {

std::string history_file::default_path() {
    const char* const state = std::getenv("XDG_STATE_HOME");
    if (state && *state == '/')
        return std::string{state} + "/fairlead/talk_history";
    const char* const home = std::getenv("HOME");
    if (!home || *home == '\0')
        throw std::runtime_error{"neither XDG_STATE_HOME nor HOME is set"};
    return std::string{home} + "/.local/state/fairlead/talk_history";
}

std::vector<std::string> history_file::read() {
    errno = 0;
    std::ifstream input{path_};
    if (!input && errno == ENOENT)
        return {};
    std::vector<std::string> lines;
    for (std::string line; std::getline(input, line);)
        lines.push_back(std::move(line));
    if (!input.eof())
        fail("read");
    has_surplus_ = lines.size() > max_lines;
    if (has_surplus_)
        lines.erase(lines.begin(), lines.end() - max_lines);
    return lines;
}

void history_file::append(const std::string& line) {
    make_directories();
    if (has_surplus_)
        remove_surplus();
    write(path_, O_APPEND, line + '\n');
}

// With the mode that the XDG Base Directory Specification asks for. That one could not be made is said by the file in it.
void history_file::make_directories() const {
    std::filesystem::path made;
    for (const auto& part : std::filesystem::path{path_}.parent_path()) {
        made /= part;
        ::mkdir(made.c_str(), 0700);
    }
}

void history_file::remove_surplus() {
    std::string text;
    for (const std::string& kept : read())
        text += kept + '\n';
    const std::string renewed = path_ + ".new";
    write(renewed, O_TRUNC, text);
    if (::rename(renewed.c_str(), path_.c_str()) != 0)
        fail("write");
    has_surplus_ = false;
}

void history_file::write(const std::string& path, int flags, const std::string& text) const {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | flags, 0600);
    if (file < 0)
        fail("write");
    std::string_view rest = text;
    while (!rest.empty()) {
        const ::ssize_t written = ::write(file, rest.data(), rest.size());
        if (written < 0 && errno != EINTR)
            break;
        rest.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    const int why = errno;
    ::close(file);
    errno = why;
    if (!rest.empty())
        fail("write");
}

void history_file::fail(const std::string& action) const {
    throw std::runtime_error{"cannot " + action + " " + printable(path_) + ": " +
                             std::generic_category().message(errno)};
}

} // namespace fairlead::command
