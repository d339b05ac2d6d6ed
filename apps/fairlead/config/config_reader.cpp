#include "config/config_reader.hpp"

#include "config/dots.hpp"
#include "config/read_file.hpp"

#include <fairlead/printable.hpp>

#include <toml++/toml.h>

#include <charconv>
#include <utility>

namespace fairlead::command {

namespace {

file_position position_of(const toml::source_region& region) {
    return {region.begin.line, region.begin.column};
}

// Appends the text of a value and returns null. If no option can read the value, returns its kind instead,
// such as "a table".
const char* append_text(const toml::node& node, std::vector<std::string>& to) {
    if (const auto* const text = node.as_string()) {
        if (text->get().find('\0') != std::string::npos)
            return "text with a NUL character";
        to.push_back(text->get());
    } else if (const auto* const whole = node.as_integer()) {
        to.push_back(std::to_string(whole->get()));
    } else if (const auto* const number = node.as_floating_point()) {
        char digits[32];
        to.emplace_back(digits, std::to_chars(digits, digits + sizeof digits, number->get()).ptr);
    } else if (const auto* const flag = node.as_boolean()) {
        to.emplace_back(flag->get() ? "true" : "false");
    } else {
        return node.is_array() ? "a list" : node.is_table() ? "a table" : "a date or a time";
    }
    return nullptr;
}

setting::form form_of(const toml::node& node) {
    return node.is_array()     ? setting::form::list
           : node.is_boolean() ? setting::form::flag
           : node.is_number()  ? setting::form::number
                               : setting::form::text;
}

class reader {
public:
    explicit reader(std::string path) { file_.path = std::move(path); }

    config_file read(const toml::table& document) {
        read_table(document, file_.whole, [this](const auto& name, const toml::node& node) {
            return name == "listen" && read_listeners(node);
        });
        if (!faults_.empty())
            throw config_error{file_.path, std::move(faults_)};
        return std::move(file_);
    }

private:
    template <class Special>
    void read_table(const toml::table& from, config_table& to, Special is_special) {
        for (const auto& [key, node] : from) {
            if (!is_special(key.str(), node))
                read_setting(key, node, to);
        }
    }

    // Returns true if the node is a table or a list of tables, also if it is at fault.
    bool read_listeners(const toml::node& node) {
        if (node.is_table()) {
            note(node, "a listener is written [[listen]], with two brackets");
            return true;
        }
        const auto* const all = node.as_array();
        if (!all || all->empty() || !all->is_homogeneous<toml::table>())
            return false;
        for (const toml::node& each : *all) {
            config_table& one = file_.listeners.emplace_back(config_table{.at = position_of(each.source())});
            read_table(*each.as_table(), one, [](const auto&, const auto&) { return false; });
        }
        return true;
    }

    void read_setting(const toml::key& key, const toml::node& node, config_table& to) {
        setting read{.name = std::string{key.str()},
                     .values = {},
                     .written = form_of(node),
                     .name_at = position_of(key.source()),
                     .value_at = position_of(node.source())};
        const toml::array* const list = node.as_array();
        if (node.is_table() || (list && !list->empty() && list->is_homogeneous<toml::table>()))
            return note(node, printable(read.name) + " is a table, and [[listen]] tables are the only ones here");
        for (std::size_t i = 0; i < (list ? list->size() : 1); ++i) {
            const toml::node& value = list ? *list->get(i) : node;
            if (const char* const wrong = append_text(value, read.values))
                return note(value, printable(read.name) + ": this is " + wrong +
                                       ", and a value is text in quotes, a number, true or false");
        }
        to.settings.push_back(std::move(read));
    }

    void note(const toml::node& at, std::string text) {
        faults_.push_back({position_of(at.source()), std::move(text)});
    }

    config_file file_;
    std::vector<config_fault> faults_;
};

} // namespace

config_file parse_config(const std::string& path, std::string_view text) {
    constexpr std::size_t most_dots = 1'000;
    if (const auto at = dot_beyond(text, most_dots))
        throw config_error{path, {{*at, "there are more than 1000 dots outside of texts; names of options have none"}}};
    try {
        return reader{path}.read(toml::parse(text, path));
    } catch (const toml::parse_error& wrong) {
        throw config_error{path, {{position_of(wrong.source()), "this is no TOML: " + printable(wrong.description())}}};
    }
}

config_file read_config(const std::string& path) {
    return parse_config(path, read_file(path));
}

} // namespace fairlead::command
