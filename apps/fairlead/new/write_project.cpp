#include "new/write_project.hpp"

#include <fairlead/printable.hpp>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace fairlead::command {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_to_make(const fs::path& path, const std::error_code& why) {
    throw std::runtime_error{"cannot make " + printable(path.string()) + ": " + why.message()};
}

/// A directory with a name of its own, which ends with everything in it.
class temporary_place {
public:
    explicit temporary_place(const fs::path& parent) {
        std::string name = (parent / ".fairlead-new-XXXXXX").string();
        if (!::mkdtemp(name.data()))
            throw std::runtime_error{"cannot write to the directory " +
                                     printable(parent.empty() ? "." : parent.string()) + ": " +
                                     std::generic_category().message(errno)};
        path_ = name;
    }
    temporary_place(const temporary_place&) = delete;
    temporary_place& operator=(const temporary_place&) = delete;
    ~temporary_place() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }

    const fs::path& path() const noexcept { return path_; }

private:
    fs::path path_;
};

void require_free(const fs::path& directory) {
    std::error_code why;
    const fs::file_status found = fs::symlink_status(directory, why);
    if (!fs::exists(found) || (fs::is_directory(found) && fs::is_empty(directory, why)))
        return;
    throw std::runtime_error{printable(directory.string()) +
                             (fs::is_directory(found) ? " exists and is not empty" : " exists") +
                             "; nothing was written. Choose another name, or another directory with --in"};
}

void write_file(const fs::path& path, const std::string& text) {
    std::error_code why;
    fs::create_directories(path.parent_path(), why);
    if (why)
        fail_to_make(path.parent_path(), why);
    errno = 0;
    std::ofstream file{path, std::ios::binary};
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.close();
    if (!file)
        fail_to_make(path, {errno ? errno : EIO, std::generic_category()});
}

} // namespace

void write_project(const fs::path& directory, const std::vector<project_file>& files) {
    require_free(directory);
    const temporary_place place{directory.parent_path()};
    const fs::path project = place.path() / "project"; // with the permissions of the user's other directories
    for (const project_file& each : files)
        write_file(project / each.path, each.text);
    std::error_code why;
    fs::rename(project, directory, why); // fails if the directory has got files meanwhile
    if (why)
        fail_to_make(directory, why);
}

} // namespace fairlead::command
