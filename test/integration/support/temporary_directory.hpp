#pragma once

#include <cerrno>
#include <filesystem>
#include <stdlib.h> // mkdtemp
#include <string>
#include <system_error>

namespace fairlead::test {

/// A directory of one's own, gone with all in it at the end. Its path is short enough for the address of a Unix socket.
class temporary_directory {
public:
    temporary_directory() : path_{std::filesystem::temp_directory_path() / "fairlead-XXXXXX"} {
        std::string name = path_.string();
        if (!::mkdtemp(name.data()))
            throw std::system_error{errno, std::generic_category(), "mkdtemp"};
        path_ = name;
    }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;
    ~temporary_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    std::filesystem::path operator/(const char* name) const { return path_ / name; }
    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace fairlead::test
