#include "completion/completion.hpp"

#include <fairlead/text_forms.hpp>

namespace fairlead::command {

namespace {

// Returns the text before the first placeholder, which is in capitals: `tcp://` for `tcp://HOST:PORT`.
std::string fixed_beginning(std::string_view syntax) {
    return std::string{syntax.substr(0, syntax.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))};
}

} // namespace

std::vector<std::string> url_beginnings() {
    constexpr std::string_view separator = " or ";
    std::vector<std::string> words;
    for (const url_form& each : url_forms()) {
        std::string_view rest = each.syntax;
        for (auto end = rest.find(separator); end != rest.npos; end = rest.find(separator)) {
            words.push_back(fixed_beginning(rest.substr(0, end)));
            rest.remove_prefix(end + separator.size());
        }
        words.push_back(fixed_beginning(rest));
    }
    return words;
}

// Optional parts are in brackets: `length[:WIDTH…]` is `length` or `length:…`, `websocket[:text]` all of one or the other.
std::vector<std::string> framing_beginnings() {
    std::vector<std::string> words;
    for (const framing_form& each : framing_forms()) {
        const auto bracket = each.syntax.find('[');
        words.push_back(fixed_beginning(each.syntax.substr(0, bracket)));
        if (bracket != each.syntax.npos) {
            const std::string_view part =
                each.syntax.substr(bracket + 1, each.syntax.find_first_of("[]", bracket + 1) - bracket - 1);
            words.push_back(words.back() + fixed_beginning(part));
        }
    }
    return words;
}

std::string summary(const described_option& option) {
    return option.description.substr(0, option.description.find("; "));
}

std::string single_quoted(std::string_view text) {
    std::string result = "'";
    for (const char c : text)
        result += c == '\'' ? std::string{"'\\''"} : std::string{c};
    return result + "'";
}

} // namespace fairlead::command
