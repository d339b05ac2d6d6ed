#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace fairlead::command {

/// The lines that a person typed, kept from one run to the next: a file with one on each line, which its owner alone may read.
///
/// Errors: `read` and `append` throw std::runtime_error when the system refuses them.
class history_file {
public:
    static constexpr std::size_t max_lines = 1'000; ///< of which the last are kept

    /// Returns where `talk` keeps its file: `$XDG_STATE_HOME/fairlead/talk_history`, where that variable holds an absolute path,
    /// or `~/.local/state/fairlead/talk_history`.
    ///
    /// Errors: throws std::runtime_error when HOME is not set either.
    static std::string default_path();

    explicit history_file(std::string path) : path_{std::move(path)} {}

    /// Returns the lines that are kept, the oldest first; none where there is no file.
    std::vector<std::string> read();

    /// Adds a line. Makes the file and its directories where they are missing, and removes lines above the limit that `read` found.
    void append(const std::string& line);

private:
    void make_directories() const;
    void remove_surplus();
    void write(const std::string& path, int flags, const std::string& text) const;
    [[noreturn]] void fail(const std::string& action) const;

    std::string path_;
    bool has_surplus_ = false;
};

} // namespace fairlead::command
