#include "file_transfer/upload.hpp"

#include "core/system_error.hpp"
#include "core/time_after.hpp"
#include "file_transfer/disk_failure.hpp"

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>
#include <vector>

namespace fairlead::file_transfer {

namespace {

using objection = upload_limits::objection;

/// Reads `size` bytes of a file from `at` on, and passes them to `use` piece by piece.
template <class Use>
result<void> read_from(std::uint64_t at, std::uint64_t size, staged_file& file, Use use) {
    std::vector<unsigned char> room(std::min<std::uint64_t>(size, 256 * 1024));
    const std::uint64_t end = at + size;
    while (at < end) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), end - at));
        const auto got = file.read(at, std::span{room}.first(wanted));
        if (!got)
            return got.error();
        if (*got == 0)
            return system_code(EIO);
        if (const auto used = use(bytes_view{room.data(), *got}); !used)
            return used;
        at += *got;
    }
    return {};
}

objection taken_over() {
    return {refusal_code::superseded, "the same upload goes on over another connection"};
}

} // namespace

upload::upload(const file_receiver_options& options, offer offered, offered_file described,
               std::unique_ptr<staged_file> file, upload_limits::place held, time_point now)
    : options_{options}, offer_{std::move(offered)},
      described_{std::move(described)}, file_{std::move(file)}, held_{std::move(held)}, offered_{now} {}

void upload::begin_with(const beginning& known) {
    const std::lock_guard lock{mutex_};
    if (file_ && known.size <= file_->size()) {
        next_ = known.size;
        running_ = known.hash;
    }
}

result<upload::look> upload::look_at_kept(std::uint64_t most) {
    const std::lock_guard lock{mutex_};
    if (!file_)
        return system_code(EBUSY);
    const std::uint64_t began = next_, left = file_->size() - next_;
    const auto read = read_from(next_, std::min(left, std::max<std::uint64_t>(1, most)), *file_,
                                [&](bytes_view bytes) -> result<void> {
                                    running_.update(bytes);
                                    next_ += bytes.size();
                                    return {};
                                });
    if (!read)
        return read.error();
    return look{.read = next_ - began, .whole = next_ == file_->size()};
}

accept upload::acceptance() const {
    const std::lock_guard lock{mutex_};
    accept given{.id = offer_.id, .offset = next_, .chunk = options_.max_chunk};
    if (next_ != 0)
        given.hash = running_.value();
    return given;
}

upload::outcome upload::take(const piece& part, time_point now) {
    const std::lock_guard lock{mutex_};
    if (!file_)
        return taken_over();
    if (stage_ == stage::whole)
        return objection{refusal_code::protocol, "a piece came after its file had ended"};
    if (part.bytes.size() > options_.max_chunk)
        return objection{refusal_code::protocol, "a piece is larger than was agreed"};
    if (stage_ == stage::offered && part.offset == 0 && next_ != 0) { // the sender has another beginning
        if (const auto cleared = file_->clear(); !cleared)
            return disk_failed("what was kept could not be removed", cleared.error());
        next_ = 0;
        running_.reset();
    }
    if (stage_ == stage::offered)
        began_ = now;
    stage_ = stage::coming;
    if (part.offset != next_)
        return asked_again_ ? outcome{} : ask_again();
    asked_again_ = false;
    if (check_of(part.bytes) != part.check)
        return ask_again();
    if (auto failed = append(part.bytes, now))
        return *failed;
    if (auto late = too_slow(now))
        return *late;
    return {};
}

std::optional<objection> upload::append(bytes_view bytes, time_point now) {
    const std::uint64_t size = next_ + bytes.size();
    if (offer_.size && size > *offer_.size)
        return objection{refusal_code::size,
                         "more came than the " + std::to_string(*offer_.size) + " bytes that were announced"};
    if (options_.max_file_size != 0 && size > options_.max_file_size)
        return objection{refusal_code::size, "files may have " + std::to_string(options_.max_file_size) + " bytes"};
    if (auto full = held_.grow(bytes.size(), now))
        return full;
    if (const auto written = file_->append(bytes); !written)
        return disk_failed("the disk failed", written.error());
    running_.update(bytes);
    next_ = size;
    came_ += bytes.size();
    return {};
}

upload::outcome upload::end(const finish& ending, time_point now) {
    const std::lock_guard lock{mutex_};
    if (!file_)
        return taken_over();
    if (stage_ == stage::whole)
        return objection{refusal_code::protocol, "a file ended twice"};
    if (asked_again_)
        return {}; // the sender sent it before it got `again`
    const auto size = ending.size ? ending.size : offer_.size;
    const auto hash = ending.hash ? ending.hash : offer_.hash;
    if (!size || !hash)
        return objection{refusal_code::protocol, "neither the offer nor the end of a file has its size and hash"};
    if ((offer_.size && *size != *offer_.size) || *size != next_)
        return objection{refusal_code::size,
                         std::to_string(next_) + " bytes came of " + std::to_string(*size) + " at the file's end"};
    if ((offer_.hash && *hash != *offer_.hash) || *hash != running_.value())
        return objection{refusal_code::hash, "the bytes that came have another hash than was told"};
    if (auto late = too_slow(now))
        return *late;
    stage_ = stage::whole;
    return {};
}

upload::outcome upload::look_at_time(time_point now, time_point active) const {
    const std::lock_guard lock{mutex_};
    if (!file_ || stage_ == stage::whole)
        return {};
    if (auto late = too_slow(now))
        return *late;
    if (stage_ == stage::coming)
        return {};
    if (const auto displaced = held_.displaced())
        return *displaced;
    if (options_.offer_timeout.count() != 0 && exceeds(now - std::max(offered_, active), options_.offer_timeout) &&
        held_.crowded())
        return objection{refusal_code::slow, "nothing of it came within " +
                                                 std::to_string(options_.offer_timeout.count()) +
                                                 " ms, and others need its place; offer it again"};
    return {};
}

finish upload::as_it_is() const {
    const std::lock_guard lock{mutex_};
    return {.id = offer_.id, .size = next_, .hash = running_.value()};
}

upload::outcome upload::prepend(bytes_view beginning, storage& disk, time_point now) {
    const std::lock_guard lock{mutex_};
    if (!file_)
        return taken_over();
    auto fresh = disk.open({});
    if (!fresh)
        return disk_failed("the disk failed", fresh.error());
    const auto earlier = std::exchange(file_, std::move(*fresh));
    running_.reset();
    const auto came = std::exchange(next_, 0);
    if (auto failed = append(beginning, now))
        return *failed;
    const auto copied = read_from(0, earlier->size(), *earlier, [this](bytes_view bytes) {
        running_.update(bytes);
        return file_->append(bytes);
    });
    if (!copied)
        return disk_failed("the disk failed", copied.error());
    next_ += came;
    return {};
}

void upload::begin_sync() noexcept {
    const std::lock_guard lock{mutex_};
    if (file_)
        file_->begin_sync();
}

result<unique_descriptor> upload::duplicate() const {
    const std::lock_guard lock{mutex_};
    if (!file_)
        return system_code(EBUSY);
    return file_->duplicate();
}

std::variant<stored, objection> upload::publish(storage& disk) {
    const std::lock_guard lock{mutex_};
    if (!file_)
        return taken_over();
    if (options_.keep_mtime && offer_.mtime_ns) {
        if (const auto set = file_->set_mtime(*offer_.mtime_ns); !set)
            return disk_failed("the time of change could not be set", set.error());
    }
    if (options_.durable) { // after any error, even of a full disk, bytes that counted as written may be lost
        if (const auto synced = file_->sync(); !synced)
            return objection{refusal_code::storage, "the disk could not keep the file: " + synced.error().message()};
    }
    const auto name = disk.publish(*file_, offer_.name, options_.existing);
    if (!name) {
        if (name.error() == boost::system::errc::file_exists || name.error() == boost::system::errc::is_a_directory)
            return objection{refusal_code::exists, "there is something of that name already"};
        if (name.error() == boost::system::errc::filename_too_long)
            return objection{refusal_code::name, "the receiver's disk does not take names that long"};
        return disk_failed("the file could not be given its name", name.error());
    }
    file_.reset();
    held_.stored();
    held_ = {};
    return stored{.id = offer_.id, .name = *name, .size = next_, .hash = running_.value(), .durable = options_.durable};
}

upload::handed_over upload::give_up() {
    const std::lock_guard lock{mutex_};
    held_ = {};
    return {.file = std::move(file_), .known = beginning{.size = next_, .hash = running_}};
}

std::uint64_t upload::drop(bool fatal) {
    const std::lock_guard lock{mutex_};
    if (!file_) {
        held_ = {};
        return 0;
    }
    if (fatal)
        file_->discard();
    const std::uint64_t kept = !fatal && file_->may_be_kept() ? file_->size() : 0;
    if (kept != 0)
        held_.kept();
    held_ = {};
    file_.reset();
    return kept;
}

bool upload::waits() const {
    const std::lock_guard lock{mutex_};
    return file_ && stage_ == stage::offered;
}

bool upload::whole() const {
    const std::lock_guard lock{mutex_};
    return stage_ == stage::whole;
}

std::uint64_t upload::received() const {
    const std::lock_guard lock{mutex_};
    return next_;
}

upload::outcome upload::ask_again() {
    if (++repeats_ > max_repeats)
        return objection{refusal_code::hash, "too many pieces did not match their checks"};
    asked_again_ = true;
    return again{.id = offer_.id, .offset = next_};
}

std::optional<objection> upload::too_slow(time_point now) const {
    const auto taken = stage_ == stage::coming ? now - began_ : time_point::duration{0};
    if (options_.upload_deadline.count() != 0 && exceeds(taken, options_.upload_deadline))
        return objection{refusal_code::slow,
                         "an upload may take " + std::to_string(options_.upload_deadline.count()) + " ms"};
    if (options_.min_rate != 0 && exceeds(taken, options_.rate_grace)) {
        const double rate = static_cast<double>(came_) / std::chrono::duration<double>(taken).count();
        if (rate < static_cast<double>(options_.min_rate))
            return objection{refusal_code::slow,
                             "slower than " + std::to_string(options_.min_rate) + " bytes a second"};
    }
    return {};
}

} // namespace fairlead::file_transfer
