#include "confinement.hpp"

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <sys/prctl.h>
#include <system_error>
#include <unistd.h>

#if __has_include(<linux/landlock.h>)
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#endif

namespace fairlead::command {

#ifdef SYS_landlock_create_ruleset

namespace {

using access_rights = std::uint64_t;

constexpr access_rights truncate_file = 1u << 14; // LANDLOCK_ACCESS_FS_TRUNCATE, which older headers do not have
constexpr access_rights version_2 = (LANDLOCK_ACCESS_FS_REFER << 1) - 1;
constexpr access_rights read_rights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr access_rights store_rights = read_rights | LANDLOCK_ACCESS_FS_WRITE_FILE | truncate_file |
                                       LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                       LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                       LANDLOCK_ACCESS_FS_REFER;
constexpr access_rights socket_rights =
    LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE;
constexpr access_rights file_rights =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | truncate_file;

constexpr const char* readable[] = {
    // names and time zones, and the libraries that look them up
    "/etc", "/usr", "/lib", "/lib64",
    // to where /etc/resolv.conf may lead
    "/run/systemd/resolve", "/run/NetworkManager", "/run/resolvconf",
    // control groups, descriptors and interfaces; the program, for a report of its own crash
    "/proc", "/sys", "/proc/self/exe", "/dev/urandom"};

class descriptor {
public:
    explicit descriptor(long opened) noexcept : value_{static_cast<int>(opened)} {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        if (value_ >= 0)
            ::close(value_);
    }
    explicit operator bool() const noexcept { return value_ >= 0; }
    int get() const noexcept { return value_; }

private:
    int value_;
};

void allow(const descriptor& rules, const std::string& path, access_rights rights) {
    const descriptor place{::open(path.c_str(), O_PATH | O_CLOEXEC)};
    struct ::stat found {};
    if (!place || ::fstat(place.get(), &found) != 0)
        return;
    ::landlock_path_beneath_attr rule{};
    rule.parent_fd = place.get();
    rule.allowed_access = S_ISDIR(found.st_mode) ? rights : rights & file_rights;
    if (::syscall(SYS_landlock_add_rule, rules.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0 &&
        errno != EBADFD) // a pipe without a name, whose use is not confined
        throw std::system_error{errno, std::system_category(), "cannot allow " + path};
}

std::string reason() {
    return std::system_category().message(errno);
}

} // namespace

std::optional<std::string> confine(const allowed_places& allowed) {
    const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 0)
        return "this kernel has no Landlock (" + reason() + ")";
    if (version < 2) // no file could be moved to another directory
        return "this kernel has Landlock of version 1, and 2 is needed (Linux 5.19)";

    const access_rights handled = version_2 | (version >= 3 ? truncate_file : 0);
    ::landlock_ruleset_attr known{};
    known.handled_access_fs = handled;
    const descriptor rules{::syscall(SYS_landlock_create_ruleset, &known, sizeof known, 0)};
    if (!rules)
        return "Landlock makes no rules (" + reason() + ")";
    try {
        for (const char* each : readable)
            allow(rules, each, read_rights);
        allow(rules, "/dev/null", (read_rights | LANDLOCK_ACCESS_FS_WRITE_FILE | truncate_file) & handled);
        for (const std::string& each : allowed.files)
            allow(rules, each, store_rights & handled);
        for (const std::string& each : allowed.sockets)
            allow(rules, each, socket_rights);
        for (const std::string& each : allowed.readable)
            allow(rules, each, read_rights);
    } catch (const std::system_error& failed) {
        return failed.what();
    }
    if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0)
        return "Landlock does not take the rules (" + reason() + ")";
    return std::nullopt;
}

#else

std::optional<std::string> confine(const allowed_places&) {
    return "it was built without <linux/landlock.h>";
}

#endif

void give_up_new_privileges() {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        throw std::system_error{errno, std::system_category(), "cannot give up new privileges"};
}

} // namespace fairlead::command
