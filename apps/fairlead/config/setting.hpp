#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::command {

/// A place in a configuration file; both count from 1, and columns count characters.
struct file_position {
    std::size_t line = 1;
    std::size_t column = 1;

    auto operator<=>(const file_position&) const = default;
};

/// A value of an option, as texts that the option reads.
struct setting {
    enum class form : unsigned char { text, number, flag, list };

    std::string name;                                ///< of the option, without its dashes: `max-sessions`
    std::vector<std::string> values;                 ///< one, or those of a list
    form written = form::text;                       ///< how the file has it
    std::optional<file_position> name_at = {};       ///< nullopt: it is from the command line
    std::optional<file_position> value_at = name_at; ///< likewise
};

/// The settings of the file as a whole, or of one `[[listen]]`.
struct config_table {
    file_position at = {};
    std::vector<setting> settings = {};

    const setting* find(const std::string& name) const noexcept;
};

/// Configuration as it is written, before options are looked up.
struct config_file {
    std::string path;
    config_table whole = {};
    std::vector<config_table> listeners = {}; ///< the `[[listen]]` tables
};

/// One thing that is wrong in a file.
struct config_fault {
    file_position at;
    std::string text;

    auto operator<=>(const config_fault&) const = default;
};

/// Thrown for a file that cannot be used. `what()` has a line for each fault: `echo.toml:3:16: …`.
class config_error : public std::exception {
public:
    static constexpr std::size_t most_shown = 100; ///< the others are counted

    config_error(const std::string& path, std::vector<config_fault> faults);

    const char* what() const noexcept override { return lines_.c_str(); }

private:
    std::string lines_;
};

} // namespace fairlead::command
