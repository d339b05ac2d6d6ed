#pragma once

#include <string>

namespace fairlead::command {

/// A file that is opened before a load and written after it, so that a wrong name is found at once. Its
/// earlier content stays until then. A file that this object has made is removed unless it is written.
class chart_file {
public:
    /// Errors: throws std::runtime_error when it cannot be opened, as does `write` when it cannot be written.
    explicit chart_file(std::string path);
    chart_file(const chart_file&) = delete;
    chart_file& operator=(const chart_file&) = delete;
    ~chart_file();

    void write(const std::string& picture);

private:
    [[noreturn]] void fail() const;

    std::string path_;
    int descriptor_;
    bool made_ = false; // and not yet written
};

} // namespace fairlead::command
