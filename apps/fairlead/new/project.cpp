#include "new/project.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/framing/parse.hpp>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace fairlead::command {

namespace {

constexpr std::size_t max_project_name = 64;

// Targets that CMake and Ninja make themselves, and the package that a project looks for.
constexpr std::string_view taken_names[] = {
    "all",     "clean",          "edit_cache", "fairlead",      "help", "install", "list_install_components",
    "package", "package_source", "preinstall", "rebuild_cache", "test"};

bool is_letter(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_separator(char c) {
    return c == '-' || c == '_';
}

bool has_form_of_name(std::string_view text) {
    const auto is_allowed = [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || is_separator(c); };
    const auto both_separate = [](char a, char b) { return is_separator(a) && is_separator(b); };
    return !text.empty() && text.size() <= max_project_name && is_letter(text.front()) && !is_separator(text.back()) &&
           std::ranges::all_of(text, is_allowed) && std::ranges::adjacent_find(text, both_separate) == text.end();
}

void refuse_framing(const project& wanted, const std::string& why) {
    throw std::invalid_argument{"--framing does not go with --transport " + wanted.transport + ": " + why +
                                "; leave it out"};
}

} // namespace

void check_project_name(const std::string& name) {
    if (!has_form_of_name(name))
        throw std::invalid_argument{"'" + escape(name, max_project_name) +
                                    "' cannot be the name of a project; it consists of lower-case letters, digits and "
                                    "single - or _ between them, begins with a letter, and has at most " +
                                    std::to_string(max_project_name) + " characters, such as price-feed"};
    if (std::ranges::find(taken_names, name) != std::end(taken_names))
        throw std::invalid_argument{"'" + name +
                                    "' cannot be the name of a project, because CMake has a target or a package of "
                                    "that name; choose another one, such as " +
                                    name + "-server"};
}

project checked(project wanted) {
    check_project_name(wanted.name);
#ifndef FAIRLEAD_TLS
    if (wanted.transport == "tls")
        throw std::invalid_argument{"--transport tls needs TLS, and this Fairlead was built without it"};
#endif
    if (!wanted.framing.empty() && wanted.transport == "udp")
        refuse_framing(wanted, "a datagram is a message already");
    if (!wanted.framing.empty() && wanted.transport == "ws")
        refuse_framing(wanted, "WebSocket divides messages itself");
    if (!wanted.has_framing() || wanted.has_own_framing())
        return wanted;
    wanted.framing = parse_framing(wanted.framing.empty() ? "length" : wanted.framing).to_string();
    if (wanted.framing.starts_with("websocket"))
        throw std::invalid_argument{"WebSocket is a transport here: write --transport ws, and leave --framing out"};
    return wanted;
}

} // namespace fairlead::command
