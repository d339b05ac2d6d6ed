#pragma once

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>

#include <cstddef>
#include <span>
#include <string>

namespace fairlead::command {

/// The bytes of a file or of standard input. Printed output is flushed before a read that may wait.
///
/// Errors: throws std::runtime_error when the file cannot be opened or read.
class byte_input {
public:
    explicit byte_input(const std::string& file); ///< `-`: standard input
    byte_input(const byte_input&) = delete;
    byte_input& operator=(const byte_input&) = delete;
    ~byte_input();

    /// Reads the next bytes; 0 at the end.
    std::size_t read(std::span<unsigned char> into);

    /// Reads more bytes ahead and returns their number; 0 at the end. `peeked` returns all of them, and
    /// `read` returns them again.
    std::size_t peek();
    bytes_view peeked() const noexcept { return ahead_.data(); }

    bool can_rewind() const noexcept { return regular_; }
    void rewind(); ///< returns to the offset at which it began

    const std::string& name() const noexcept { return name_; }

private:
    std::size_t read_on(std::span<unsigned char> into);

    std::string name_;
    int descriptor_;
    bool regular_ = false;
    off_t start_ = 0;
    byte_buffer ahead_;
};

} // namespace fairlead::command
