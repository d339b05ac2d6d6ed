#include "file_transfer/directory_storage.hpp"

#include "core/system_error.hpp"
#include "file_transfer/directory_calls.hpp"
#include "file_transfer/directory_file.hpp"
#include "file_transfer/staging_directory.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace fairlead::file_transfer {

namespace {

[[noreturn]] void refuse(const std::string& path, const error_code& why, const std::string& sentence) {
    throw boost::system::system_error{why, "cannot receive files in " + path + ": " + sentence};
}

std::string advice(const error_code& why) {
    switch (why.value()) {
    case ENOENT: return "make that directory, or name another";
    case ENOTDIR: return "it is no directory; name one";
    case EACCES: return "it needs the rights to read, write and search it";
    case EROFS: return "its file system is read-only; name another directory";
    default: return "it cannot be opened";
    }
}

unique_descriptor open_directory(const std::string& path) {
    unique_descriptor opened{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (opened && ::faccessat(opened.get(), ".", W_OK | X_OK, AT_EACCESS) == 0)
        return opened;
    const error_code why = last_system_error();
    refuse(path, why, advice(why));
}

// Opens a file so that reading does not change its access time, if the system permits that.
result<unique_descriptor> open_to_read(int directory, const std::string& name) {
    auto opened = open_in(directory, name, O_RDONLY | O_NOATIME);
    return !opened && opened.error() == system_code(EPERM) ? open_in(directory, name, O_RDONLY) : std::move(opened);
}

// Detects a link, a FIFO or a device without opening it, because opening it may have side effects.
error_code fault_of(const struct ::stat& found) noexcept {
    if (S_ISREG(found.st_mode))
        return {};
    return system_code(S_ISLNK(found.st_mode) ? ELOOP : EINVAL);
}

// Returns false after a recent change: another change in the same tick of the clock would not be detected.
bool is_at_rest(const struct ::stat& file) noexcept {
    return ::time(nullptr) - file.st_ctim.tv_sec > 1;
}

} // namespace

directory_storage::directory_storage(const std::string& directory, ::mode_t mode,
                                     std::chrono::milliseconds keep_partials, std::size_t max_partials)
    : directory_{open_directory(directory)}, staging_{std::make_shared<const staging_directory>(
                                                 directory_.get(), directory, max_partials)},
      mode_{mode}, keep_partials_{keep_partials} {
    if (const auto expired = expire(); !expired)
        refuse(directory, expired.error(), "what earlier uploads left in .incoming cannot be read");
}

directory_storage::~directory_storage() = default;

result<std::unique_ptr<staged_file>> directory_storage::open(const std::optional<digest>& key) {
    auto taken = staging_->take(key);
    if (!taken)
        return taken.error();
    return std::unique_ptr<staged_file>{std::make_unique<directory_file>(staging_, std::move(*taken))};
}

result<std::optional<storage::entry>> directory_storage::find(const std::string& name) {
    if (!is_component(name))
        return system_code(EINVAL);
    const auto found = look_at(directory_.get(), name);
    if (!found && found.error() == system_code(ENOENT))
        return std::optional<entry>{};
    if (!found)
        return found.error();
    return std::optional{entry{.regular = S_ISREG(found->st_mode),
                               .directory = S_ISDIR(found->st_mode),
                               .size = static_cast<std::uint64_t>(found->st_size)}};
}

result<unique_descriptor> directory_storage::open_regular(const std::string& name) const {
    if (!is_component(name))
        return system_code(EINVAL);
    const auto seen = look_at(directory_.get(), name);
    if (!seen)
        return seen.error();
    if (const auto fault = fault_of(*seen))
        return fault;
    auto opened = open_to_read(directory_.get(), name);
    if (!opened)
        return opened;
    const auto found = look_at(opened->get());
    if (!found)
        return found.error();
    if (const auto fault = fault_of(*found))
        return fault;
    return opened;
}

/// Returns the hash that is remembered for a file, or reads the file and remembers its hash.
class directory_storage::hashing final : public file_hashing {
public:
    hashing(directory_storage& owner, std::string name, unique_descriptor opened, const struct ::stat& found)
        : owner_{owner}, name_{std::move(name)}, opened_{std::move(opened)}, before_{found} {}

    result<progress> read_on(std::uint64_t most) override {
        progress done;
        if (!began_) {
            began_ = true;
            if ((done.hash = owner_.find_digest(before_)))
                return done;
        }
        std::vector<unsigned char> room(std::clamp<std::uint64_t>(most, 1, 256 * 1024));
        while (done.read == 0 || done.read < most) {
            const auto wanted = std::min<std::uint64_t>(room.size(), std::max<std::uint64_t>(1, most - done.read));
            const auto got = ::read(opened_.get(), room.data(), static_cast<std::size_t>(wanted));
            if (got > 0) {
                running_.update({room.data(), static_cast<std::size_t>(got)});
                done.read += static_cast<std::uint64_t>(got);
            } else if (got == 0) {
                return end(done);
            } else if (errno != EINTR) {
                return last_system_error();
            }
        }
        return done;
    }

    result<void> sync() override {
        if (::fdatasync(opened_.get()) != 0)
            return last_system_error();
        const auto after = look_at(owner_.directory_.get(), name_);
        if (!after)
            return after.error();
        if (!is_unchanged(before_, *after))
            return system_code(ESTALE);
        return {};
    }

private:
    result<progress> end(progress done) {
        const auto after = look_at(opened_.get());
        if (!after)
            return after.error();
        if (!is_unchanged(before_, *after))
            return system_code(ESTALE);
        done.hash = running_.value();
        if (is_at_rest(*after))
            owner_.remember_digest(*after, *done.hash);
        return done;
    }

    directory_storage& owner_;
    const std::string name_;
    unique_descriptor opened_;
    struct ::stat before_;
    hasher running_;
    bool began_ = false;
};

result<std::unique_ptr<file_hashing>> directory_storage::hash(const std::string& name) {
    auto opened = open_regular(name);
    if (!opened)
        return opened.error();
    const auto found = look_at(opened->get());
    if (!found)
        return found.error();
    return std::unique_ptr<file_hashing>{std::make_unique<hashing>(*this, name, std::move(*opened), *found)};
}

void directory_storage::remember_digest(const struct ::stat& file, const digest& hash) {
    const std::lock_guard lock{mutex_};
    digests_.put(file.st_ino, {file, hash});
}

std::optional<digest> directory_storage::find_digest(const struct ::stat& file) {
    const std::lock_guard lock{mutex_};
    const auto known = digests_.find(file.st_ino);
    return known && is_unchanged(known->file, file) ? std::optional{known->hash} : std::nullopt;
}

result<std::string> directory_storage::publish(staged_file& file, const std::string& name, existing_file policy) {
    auto* const ours = dynamic_cast<directory_file*>(&file);
    if (!ours || !is_component(name) || name == staging_directory::own_name)
        return system_code(EINVAL);
    return ours->move_to(directory_.get(), name, policy, mode_);
}

// Does not sync `.incoming`. If a name comes back there after a power failure, its file has two names, and
// `staging_directory` removes that name instead of using the file.
result<void> directory_storage::sync_names() {
    if (const int why = names_lost_)
        return system_code(why);
    if (::fsync(directory_.get()) == 0)
        return {};
    // The system reports a lost write once, and treats it as written after that.
    const error_code why = last_system_error();
    if (why == system_code(EIO))
        names_lost_ = EIO;
    return why;
}

result<std::uint64_t> directory_storage::free_space() {
    struct ::statvfs found {};
    if (::fstatvfs(directory_.get(), &found) != 0)
        return last_system_error();
    return std::uint64_t{found.f_bavail} * found.f_frsize;
}

result<std::uint64_t> directory_storage::used_space() {
    const auto outside = sum_of_sizes(directory_.get()), inside = sum_of_sizes(staging_->descriptor());
    if (!outside || !inside)
        return outside ? inside.error() : outside.error();
    return *outside + *inside;
}

result<std::size_t> directory_storage::expire() {
    return staging_->expire(keep_partials_);
}

} // namespace fairlead::file_transfer
