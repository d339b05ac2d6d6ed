#include "process_record.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace fairlead::command {

namespace {

std::string place_of(::pid_t pid, const char* name) {
    return "/proc/" + std::to_string(pid) + '/' + name;
}

std::string content_of(::pid_t pid, const char* name) {
    std::ifstream file{place_of(pid, name), std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

// Returns the name of the program's file, without the note that Linux appends if the file was replaced or removed.
std::string program_of(const std::string& link) {
    std::error_code failed;
    std::string name = std::filesystem::read_symlink(link, failed).filename().string();
    if (failed)
        throw std::system_error{failed};
    const std::string note = " (deleted)";
    if (name.ends_with(note))
        name.erase(name.size() - note.size());
    return name;
}

std::string after(const std::string& text, const std::string& key) {
    const auto at = text.find(key);
    return at == text.npos ? "" : text.substr(at + key.size());
}

} // namespace

std::vector<std::string> split_arguments(const std::string& content) {
    std::vector<std::string> arguments;
    std::istringstream words{content};
    for (std::string word; std::getline(words, word, '\0');)
        arguments.push_back(word);
    return arguments;
}

process_record::hangup hangup_of(const std::string& stat, const std::string& status) {
    constexpr unsigned long long of_hangup = 1; // bit 0 is signal 1
    unsigned long long caught = 0;
    std::istringstream{after(status, "\nSigCgt:")} >> std::hex >> caught;
    if ((caught & of_hangup) == 0)
        return process_record::hangup::is_ignored;
    std::string state;
    long parent = 0, group = 0, session = 0, terminal = 0;
    std::istringstream{stat.substr(std::min(stat.rfind(')'), stat.size() - 1) + 1)} >> state >> parent >> group >>
        session >> terminal;
    return terminal == 0 ? process_record::hangup::reloads : process_record::hangup::stops_for_terminal;
}

process_record process_record::read(::pid_t pid) {
    const std::string number = std::to_string(pid);
    if (!std::filesystem::exists(place_of(pid, "")))
        throw std::runtime_error{"there is no process " + number};
    try {
        process_record found;
        found.arguments = split_arguments(content_of(pid, "cmdline"));
        if (program_of(place_of(pid, "exe")) != program_of("/proc/self/exe") || found.arguments.size() < 2 ||
            found.arguments[1] != "serve")
            throw std::runtime_error{"process " + number + " is no fairlead serve, and it was not asked"};
        found.arguments.erase(found.arguments.begin());
        found.on_hangup = hangup_of(content_of(pid, "stat"), content_of(pid, "status"));
        return found;
    } catch (const std::system_error& failed) {
        throw std::runtime_error{"cannot look at process " + number + ": " + failed.code().message() +
                                 "; run this as the user that started it, or as root"};
    }
}

} // namespace fairlead::command
