#include "server/unix_socket_file.hpp"

#include "core/file_kind.hpp"
#include "core/start_thread.hpp"
#include "core/system_error.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "net/socket_calls.hpp"
#include "server/directory_lock.hpp"
#include "server/listen_error.hpp"

#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace fairlead {

namespace {

constexpr std::chrono::seconds patience_at_start{2};
constexpr std::chrono::seconds patience_at_stop{1}; // a whole shard waits

// The lock is advisory, and any process could hold it to keep servers from starting. So a server continues without it.
void warn_of_no_lock(const std::string& socket, const directory_lock& lock, const std::string& meaning) {
    const std::string why = lock.error() == EWOULDBLOCK
                                ? "stays locked by a program that cannot be known"
                                : "cannot be locked (" + system_code(lock.error()).message() + ")";
    log_warning("the directory of the socket " + socket + " " + why + "; going on without the lock: " + meaning);
}

// Returns the outcome of a connect: 0 or EAGAIN if a process listens, ECONNREFUSED if none does.
int probe(const endpoint& address) noexcept {
    const unique_descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    const auto size = static_cast<::socklen_t>(address.size());
    return socket && ::connect(socket.get(), address.data(), size) == 0 ? 0 : errno;
}

// Removes a socket that a crashed server has left. Errors: anything else is there, and stays.
void clear_the_way(int directory, const std::string& name, const url& url, const endpoint& address) {
    struct ::stat found {};
    if (::fstatat(directory, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT)
            return;
        refuse_to_listen(url, last_system_error(), "what is there cannot be looked at");
    }
    if (!S_ISSOCK(found.st_mode))
        refuse_to_listen(url, system_code(EEXIST),
                         std::string{file_kind(found.st_mode)} +
                             " is there, which is neither followed nor removed; choose another path or move it away");
    const int said = probe(address);
    if (said == 0 || said == EAGAIN)
        refuse_to_listen(url, system_code(EADDRINUSE), "another server listens there");
    if (said != ECONNREFUSED)
        refuse_to_listen(url, system_code(EADDRINUSE),
                         "a socket is there, of which cannot be told that nobody uses it (" +
                             system_code(said).message() + ")");
    if (::unlinkat(directory, name.c_str(), 0) != 0 && errno != ENOENT)
        refuse_to_listen(url, last_system_error(), "the socket that a server left there cannot be removed");
}

// Binds on a thread with an umask of its own, because the threads of the process share one. So the file gets
// the whole mode of the socket. If the system refuses such a thread, `identify` adds the missing permissions.
error_code bind_without_umask(int socket, const endpoint& address) {
    error_code failed;
    start_thread("that makes a Unix socket", [&] {
        if (::unshare(CLONE_FS) == 0)
            ::umask(0);
        if (!bind_to(socket, address))
            failed = last_system_error();
    }).join();
    return failed;
}

} // namespace

namespace {

unique_descriptor open_directory_of(const url& url) {
    const auto slash = url.path.rfind('/');
    const std::string folder = slash == 0 ? "/" : url.path.substr(0, slash);
    unique_descriptor directory{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!directory)
        refuse_to_listen(url, last_system_error(), "the directory cannot be opened");
    return directory;
}

std::string file_name_of(const url& url) {
    return url.path.substr(url.path.rfind('/') + 1);
}

} // namespace

unix_socket_file unix_socket_file::take_over(const url& url, const file_identity& made, const socket_sharing& sharing) {
    unix_socket_file file{open_directory_of(url), file_name_of(url)};
    file.made_ = made;
    file.sharing_ = sharing;
    return file;
}

std::optional<file_identity> unix_socket_file::identity() const noexcept {
    return directory_ && made_.inode != 0 ? std::optional{made_} : std::nullopt;
}

unix_socket_file unix_socket_file::listen(int socket, const url& url, const endpoint& address, ::mode_t mode,
                                          int backlog) {
    unix_socket_file file{open_directory_of(url), file_name_of(url)};

    const directory_lock lock{file.directory_.get(), patience_at_start};
    if (!lock)
        warn_of_no_lock(url.path, lock,
                        "if another server starts at this path at the same moment, both may take it and one is not "
                        "reached");
    clear_the_way(file.directory_.get(), file.name_, url, address);
    // The file gets the mode of the socket, so it never has more permissions than it should.
    if (::fchmod(socket, mode) != 0)
        refuse_to_listen(url, last_system_error());
    if (const error_code failed = bind_without_umask(socket, address))
        refuse_to_listen(url, failed);
    file.identify(url, mode);
    if (::listen(socket, backlog) != 0)
        refuse_to_listen(url, last_system_error());
    return file;
}

// Notes the identity of the new file, and restores permissions that an umask removed.
void unix_socket_file::identify(const url& url, ::mode_t mode) {
    const unique_descriptor file{::openat(directory_.get(), name_.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    struct ::stat found {};
    if (!file || ::fstat(file.get(), &found) != 0)
        refuse_to_listen(url, last_system_error(), "the socket was taken away while it was made");
    if (!S_ISSOCK(found.st_mode))
        refuse_to_listen(url, system_code(EEXIST), "the socket was replaced while it was made");
    made_ = {found.st_dev, found.st_ino};
    // Through /proc, because the path could name another file by now, and fchmod(2) takes no O_PATH descriptor.
    const std::string self = "/proc/self/fd/" + std::to_string(file.get());
    if ((found.st_mode & 07777) != mode && ::chmod(self.c_str(), mode) != 0)
        refuse_to_listen(url, last_system_error(), "its mode cannot be set");
}

bool unix_socket_file::is_ours(const std::string& name) const noexcept {
    struct ::stat found {};
    return ::fstatat(directory_.get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 &&
           file_identity{found.st_dev, found.st_ino} == made_;
}

void unix_socket_file::remove() noexcept {
    if (!directory_ || made_.inode == 0 || sharing_.is_shared())
        return directory_.reset();
    log_exceptions([this] {
        const directory_lock lock{directory_.get(), patience_at_stop};
        if (!lock)
            warn_of_no_lock(name_, lock, "it is removed all the same, unless it is another server's by now");
        if (!is_ours(name_))
            return;
        error_code failed;
        if (!lock)
            failed = remove_aside();
        else if (::unlinkat(directory_.get(), name_.c_str(), 0) != 0)
            failed = last_system_error();
        if (failed)
            log_warning("the socket " + name_ + " is left behind: " + failed.message());
    });
    directory_.reset();
}

error_code unix_socket_file::remove_aside() const {
    const int directory = directory_.get();
    const std::string aside = ".fairlead-" + std::to_string(::getpid()) + "-" + std::to_string(made_.inode);
    if (::renameat2(directory, name_.c_str(), directory, aside.c_str(), RENAME_NOREPLACE) != 0)
        return errno == ENOENT ? error_code{} : last_system_error();
    const bool done = is_ours(aside)
                          ? ::unlinkat(directory, aside.c_str(), 0) == 0
                          : ::renameat2(directory, aside.c_str(), directory, name_.c_str(), RENAME_NOREPLACE) == 0;
    return done ? error_code{} : last_system_error();
}

} // namespace fairlead
