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

} // namespace

result<std::string> web_file::read(std::size_t at, std::size_t most) const {
    std::string part(std::min(most, size - std::min(at, size)), '\0');
    ::ssize_t got = 0;
    do
        got = ::pread(descriptor.get(), part.data(), part.size(), static_cast<::off_t>(at));
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return last_system_error();
    part.resize(static_cast<std::size_t>(got));
    return part;
}

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

std::variant<web_file, http_response> web_files::open(std::string_view path) const {
    const std::string name{web_file_name(path)};
    const http_response missing = text_response(404, "there is no file at this path");
    if (name.empty())
        return missing;
    // Without O_NONBLOCK a FIFO would wait for its writer.
    unique_descriptor file{::openat(directory_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    struct ::stat found {};
    if (!file || ::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode))
        return missing;
    if (static_cast<std::size_t>(found.st_size) > max_size)
        return text_response(404, "the file is larger than " + std::to_string(max_size) + " bytes");
    return web_file{std::move(file), static_cast<std::size_t>(found.st_size), std::string{web_file_type(name)}};
}

} // namespace fairlead
