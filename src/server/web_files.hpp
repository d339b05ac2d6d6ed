#pragma once

#include "core/unique_descriptor.hpp"
#include "http/http_response.hpp"

#include <fairlead/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace fairlead {

/// A file that is open.
struct web_file {
    unique_descriptor descriptor;
    std::size_t size; ///< when it was opened
    std::string type; ///< `Content-Type`

    /// Reads `most` bytes from `at` on, or fewer at the end of the file. Blocks. Errors: those of the system.
    result<std::string> read(std::size_t at, std::size_t most) const;
};

/// The files of one directory, as answers of HTTP.
///
/// Thread safety: any thread; `open` blocks.
class web_files {
public:
    /// Errors: throws boost::system::system_error, whose `what()` names the directory, if it cannot be opened.
    explicit web_files(const std::string& directory);

    /// Answers a request for `path`: a file, or 404 for a path that is not served (see
    /// `websocket_server_options::files`).
    std::variant<web_file, http_response> open(std::string_view path) const;

    static constexpr std::size_t max_size = 16 * 1024 * 1024; ///< bytes of a file

private:
    unique_descriptor directory_;
};

/// Returns the name of the file that `path` asks for; empty if there can be none.
std::string_view web_file_name(std::string_view path) noexcept;

/// Returns the `Content-Type` of a file.
std::string_view web_file_type(std::string_view name) noexcept;

} // namespace fairlead
