#include "file_transfer/source_file.hpp"

#include "core/system_error.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace fairlead::file_transfer {

namespace {

std::int64_t nanoseconds(const ::timespec& time) noexcept {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

const std::string& machine_id() {
    static const std::string id = [] {
        std::ifstream file{"/etc/machine-id"};
        return std::string{std::istreambuf_iterator<char>{file}, {}};
    }();
    return id;
}

// Returns the path of the open file, from its descriptor: the file that is read.
std::string real_path(int file) {
    char path[PATH_MAX];
    const auto size = ::readlink(("/proc/self/fd/" + std::to_string(file)).c_str(), path, sizeof path);
    return {path, size < 0 ? 0 : static_cast<std::size_t>(size)};
}

std::string resume_token(int file, const struct ::stat& facts, std::uint64_t start) {
    std::string text = machine_id() + '\0' + real_path(file);
    const std::int64_t numbers[] = {static_cast<std::int64_t>(::getuid()),
                                    static_cast<std::int64_t>(facts.st_dev),
                                    static_cast<std::int64_t>(facts.st_ino),
                                    facts.st_size,
                                    nanoseconds(facts.st_mtim),
                                    static_cast<std::int64_t>(start)};
    for (const std::int64_t each : numbers)
        text += '\0' + std::to_string(each);
    return digest_of(text).to_string();
}

// Opens a file. Does not wait for the writer of a pipe.
result<int> open_descriptor(const std::string& path) {
    const int opened = path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                   : ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (opened < 0)
        return last_system_error();
    return opened;
}

} // namespace

// Network file systems report ESTALE for a file that is no longer the one that was opened.
error_code source_file::changed() noexcept {
    return system_code(ESTALE);
}

result<source_file> source_file::open(const std::string& path) {
    const auto opened = open_descriptor(path);
    if (!opened)
        return opened.error();
    source_file file;
    file.file_ = unique_descriptor{*opened};
    if (const auto looked = file.look(path); !looked)
        return looked.error();
    if (!file.stream_ && *file.size() <= small) {
        if (const auto read = file.read_small(); !read)
            return read.error();
    }
    return file;
}

result<void> source_file::look(const std::string& path) {
    if (::fstat(file_.get(), &first_) != 0)
        return last_system_error();
    if (S_ISDIR(first_.st_mode))
        return system_code(EISDIR);
    if (S_ISSOCK(first_.st_mode) && path != "-")
        return system_code(EINVAL);
    stream_ = !S_ISREG(first_.st_mode);
    if (stream_)
        return {};
    if (path == "-") {
        const ::off_t at = ::lseek(file_.get(), 0, SEEK_CUR);
        start_ = static_cast<std::uint64_t>(std::clamp<::off_t>(at, 0, first_.st_size));
    }
    unsigned char byte = 0;
    if (first_.st_size == 0 && ::pread(file_.get(), &byte, 1, 0) == 1)
        stream_ = true; // as many files of /proc, whose size is 0
    else
        resume_ = resume_token(file_.get(), first_, start_);
    return {};
}

result<void> source_file::read_small() {
    std::vector<unsigned char> contents(static_cast<std::size_t>(*size()));
    if (const auto read = read_regular(0, contents); !read)
        return read.error();
    if (const auto same = check(); !same)
        return same;
    contents_ = std::move(contents);
    file_.reset();
    return {};
}

std::optional<std::uint64_t> source_file::size() const noexcept {
    if (stream_)
        return {};
    return static_cast<std::uint64_t>(first_.st_size) - start_;
}

std::optional<std::int64_t> source_file::mtime_ns() const noexcept {
    if (stream_ || nanoseconds(first_.st_mtim) < 0)
        return {};
    return nanoseconds(first_.st_mtim);
}

result<std::size_t> source_file::read(std::uint64_t offset, std::span<unsigned char> room) {
    if (!contents_)
        return stream_ ? read_stream(offset, room) : read_regular(offset, room);
    const std::size_t count = std::min(room.size(), contents_->size() - static_cast<std::size_t>(offset));
    if (count != 0)
        std::memcpy(room.data(), contents_->data() + offset, count);
    return count;
}

result<std::size_t> source_file::read_regular(std::uint64_t offset, std::span<unsigned char> room) {
    const auto left = *size() - offset;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), left));
    std::size_t count = 0;
    while (count < wanted) {
        const auto from = static_cast<::off_t>(start_ + offset + count);
        const auto got = ::pread(file_.get(), room.data() + count, wanted - count, from);
        if (got == 0)
            return changed();
        if (got > 0)
            count += static_cast<std::size_t>(got);
        else if (errno != EINTR)
            return last_system_error();
    }
    return count;
}

result<std::size_t> source_file::read_stream(std::uint64_t offset, std::span<unsigned char> room) {
    if (offset != passed_)
        return system_code(ESPIPE);
    std::size_t count = 0;
    while (count < room.size()) {
        ::pollfd ready{.fd = file_.get(), .events = POLLIN, .revents = 0};
        const int found = ::poll(&ready, 1, count == 0 ? patience : 0);
        if (found <= 0 && count == 0)
            return errc::would_block;
        if (found <= 0)
            break;
        const auto got = ::read(file_.get(), room.data() + count, room.size() - count);
        if (got < 0 && errno != EINTR && errno != EAGAIN)
            return last_system_error();
        if (got == 0)
            break;
        count += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    passed_ += count;
    return count;
}

result<void> source_file::check() {
    struct ::stat now = {};
    if (stream_ || contents_)
        return {};
    if (::fstat(file_.get(), &now) != 0)
        return last_system_error();
    if (now.st_size != first_.st_size || nanoseconds(now.st_mtim) != nanoseconds(first_.st_mtim))
        return changed();
    return {};
}

} // namespace fairlead::file_transfer
