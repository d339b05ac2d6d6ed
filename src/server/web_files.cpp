#include "server/web_files.hpp"

#include "core/system_error.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace fairlead {

namespace {

constexpr std::pair<std::string_view, std::string_view> types[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".txt", "text/plain; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".gif", "image/gif"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".wasm", "application/wasm"},
    {".woff2", "font/woff2"},
};

bool may_be_in_name(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

// Errors: what the system reports.
error_code read_all(int file, std::size_t size, std::string& to) {
    to.resize(size);
    std::size_t got = 0;
    while (got < size) {
        const ::ssize_t more = ::read(file, to.data() + got, size - got);
        if (more < 0 && errno != EINTR)
            return last_system_error();
        if (more == 0)
            break; // it was made shorter meanwhile
        got += more > 0 ? static_cast<std::size_t>(more) : 0;
    }
    to.resize(got);
    return {};
}

} // namespace

std::string_view web_file_name(std::string_view path) noexcept {
    const std::string_view name = path == "/" ? "index.html" : path.substr(std::min<std::size_t>(1, path.size()));
    return name.starts_with('.') || !std::all_of(name.begin(), name.end(), may_be_in_name) ? "" : name;
}

std::string_view web_file_type(std::string_view name) noexcept {
    for (const auto& [ending, type] : types) {
        if (name.ends_with(ending))
            return type;
    }
    return "application/octet-stream";
}

web_files::web_files(const std::string& directory)
    : directory_{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)} {
    if (!directory_)
        throw boost::system::system_error{last_system_error(), "cannot serve the files of '" + directory +
                                                                   "' (websocket_server_options::files)"};
}

http_response web_files::read(std::string_view path) const {
    const std::string name{web_file_name(path)};
    const http_response missing = text_response(404, "there is no file at this path");
    if (name.empty())
        return missing;
    // Without O_NONBLOCK a FIFO would wait for its writer.
    const unique_descriptor file{
        ::openat(directory_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    struct ::stat found {};
    if (!file || ::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode))
        return missing;
    if (static_cast<std::size_t>(found.st_size) > max_size)
        return text_response(404, "the file is larger than " + std::to_string(max_size) + " bytes");
    http_response made{.type = std::string{web_file_type(name)}};
    made.policy.clear(); // a page may say what it loads by itself
    if (const error_code failed = read_all(file.get(), static_cast<std::size_t>(found.st_size), made.body))
        return text_response(500, "the file cannot be read: " + failed.message());
    return made;
}

} // namespace fairlead
