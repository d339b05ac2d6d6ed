#include "file_transfer/upload_limits.hpp"

#include "core/time_after.hpp"
#include "file_transfer/disk_failure.hpp"
#include "net/address_key.hpp"

#include <algorithm>
#include <utility>

namespace fairlead::file_transfer {

namespace {

std::string bytes_of(std::uint64_t number) {
    return std::to_string(number) + (number == 1 ? " byte" : " bytes");
}

upload_limits::objection gave_way() {
    return {refusal_code::busy, "nothing of it had come when another address needed its place; offer it again"};
}

// Returns false for peers of a Unix socket: their addresses do not differ.
bool has_shares(const std::string& address) {
    return !address.empty();
}

} // namespace

upload_limits::place::place(place&& other) noexcept
    : owner_{std::exchange(other.owner_, nullptr)}, address_{std::move(other.address_)}, period_{other.period_},
      id_{other.id_}, announced_{other.announced_},
      set_aside_{other.set_aside_}, came_{other.came_}, counts_{other.counts_}, counted_{other.counted_} {}

upload_limits::place& upload_limits::place::operator=(place&& other) noexcept {
    if (this != &other) {
        leave();
        owner_ = std::exchange(other.owner_, nullptr);
        address_ = std::move(other.address_);
        period_ = other.period_;
        id_ = other.id_;
        announced_ = other.announced_;
        set_aside_ = other.set_aside_;
        came_ = other.came_;
        counts_ = other.counts_;
        counted_ = other.counted_;
    }
    return *this;
}

std::optional<upload_limits::objection> upload_limits::place::grow(std::uint64_t bytes, time_point now) {
    held_lock lock{owner_->mutex_};
    if (owner_->displaced_.contains(id_))
        return gave_way();
    if (came_ == 0 && bytes != 0)
        owner_->begin(*this);
    if (auto refused = owner_->take(*this, bytes, now, lock))
        return refused;
    set_aside_ -= bytes;
    owner_->set_aside_ -= bytes;
    owner_->used_ += bytes;
    came_ += bytes;
    owner_->since_look_ += bytes;
    if (owner_->since_look_ < look_every)
        return {};
    auto full = owner_->check_disk(0);
    if (!full)
        owner_->since_look_ = 0;
    return full;
}

void upload_limits::place::leave() noexcept {
    upload_limits* const owner = std::exchange(owner_, nullptr);
    if (!owner)
        return;
    const std::lock_guard lock{owner->mutex_};
    const bool displaced = owner->displaced_.erase(id_) != 0;
    owner->begin(*this);
    if (!displaced)
        --owner->open_;
    owner->set_aside_ -= set_aside_;
    if (!counts_)
        owner->used_ -= std::min(owner->used_, came_);
    if (const auto found = owner->quotas_.find(address_); found != owner->quotas_.end()) {
        quota& used = found->second;
        if (!displaced)
            --used.open;
        if (used.began != period_)
            return; // it was counted in an earlier period
        used.bytes -= std::min(used.bytes, announced_);
        if (counted_ && !counts_)
            used.files -= std::min<std::uint64_t>(used.files, 1);
    }
}

std::optional<upload_limits::objection> upload_limits::open(place& given, const endpoint& from, std::uint64_t bytes,
                                                            bool goes_on, time_point now) {
    std::string address = address_key(from);
    held_lock lock{mutex_};
    if (auto refused = check_total(bytes, now, lock))
        return refused;
    quota& used = quota_of(address, now);
    if (has_shares(address)) {
        if (auto refused = check_share(used, goes_on))
            return refused;
        if (auto refused = check_address(used, bytes))
            return refused;
    }
    if (auto refused = check_disk(bytes))
        return refused;
    if (open_ >= options_.max_uploads && !displace_for(address))
        return objection{refusal_code::busy, "there are " + std::to_string(open_) + " uploads already"};

    used.bytes += bytes;
    ++used.open;
    if (!goes_on)
        ++used.files;
    given.counted_ = !goes_on;
    given.period_ = used.began;
    ++open_;
    given.owner_ = this;
    given.id_ = ++last_id_;
    given.address_ = std::move(address);
    given.announced_ = bytes;
    waiting_[given.address_].insert(given.id_); // may throw; from here on the place can leave
    return {};
}

std::optional<upload_limits::objection> upload_limits::place::displaced() const {
    const std::lock_guard lock{owner_->mutex_};
    return owner_->displaced_.contains(id_) ? std::optional{gave_way()} : std::nullopt;
}

bool upload_limits::place::crowded() const {
    const std::lock_guard lock{owner_->mutex_};
    const auto& options = owner_->options_;
    const auto used = owner_->quotas_.find(address_);
    const std::size_t own = used == owner_->quotas_.end() ? 0 : used->second.open;
    return owner_->open_ > options.max_uploads / 2 ||
           (has_shares(address_) && options.max_uploads_per_address != 0 && own > options.max_uploads_per_address / 2);
}

// Displaces a waiting offer of another address, or returns false. Each address keeps at
// least as many places as the newcomer's gets.
bool upload_limits::displace_for(const std::string& address) {
    const auto most = std::ranges::max_element(waiting_, {}, [](const auto& each) { return each.second.size(); });
    const auto own = quotas_.find(address);
    if (most == waiting_.end() || most->first == address || most->second.size() <= own->second.open + 1)
        return false;
    const auto oldest = most->second.begin();
    displaced_.insert(*oldest);
    most->second.erase(oldest);
    --quotas_.at(most->first).open;
    --open_;
    if (most->second.empty())
        waiting_.erase(most);
    return true;
}

// Notes that a place waits no more: its first byte has come, or it leaves.
void upload_limits::begin(place& given) {
    const auto found = waiting_.find(given.address_);
    if (found == waiting_.end())
        return;
    found->second.erase(given.id_);
    if (found->second.empty())
        waiting_.erase(found);
}

std::size_t upload_limits::open_now() const {
    const std::lock_guard lock{mutex_};
    return open_;
}

// Sets aside space for these bytes, and then for the lead. If the lead does not fit, the upload continues without one.
std::optional<upload_limits::objection> upload_limits::take(place& given, std::uint64_t bytes, time_point now,
                                                            held_lock& lock) {
    const std::uint64_t needed = bytes - std::min(bytes, given.set_aside_);
    if (needed != 0) {
        if (auto refused = check_total(needed, now, lock))
            return refused;
    }
    const std::uint64_t expected = std::min(bytes, given.announced_);
    if (const auto known = quotas_.find(given.address_); known != quotas_.end() && has_shares(given.address_)) {
        if (auto refused = check_address(known->second, bytes - expected))
            return refused;
        known->second.bytes += bytes - expected;
    }
    given.announced_ -= expected;
    if (needed == 0)
        return {};
    const std::uint64_t lead = std::min({most_lead, given.came_ + bytes, given.announced_});
    const std::uint64_t more = needed + (fits_total(needed + lead) ? lead : 0);
    given.set_aside_ += more;
    set_aside_ += more;
    return {};
}

std::optional<upload_limits::objection> upload_limits::check_share(const quota& used, bool goes_on) const {
    if (options_.max_uploads_per_address != 0 && used.open >= options_.max_uploads_per_address)
        return objection{refusal_code::busy, "your address has " + std::to_string(used.open) + " uploads already"};
    if (!goes_on && options_.max_files_per_address != 0 && used.files >= options_.max_files_per_address)
        return objection{refusal_code::quota,
                         "your address may send " + std::to_string(options_.max_files_per_address) + " files, and has"};
    return {};
}

std::optional<upload_limits::objection> upload_limits::check_address(const quota& used, std::uint64_t bytes) const {
    const std::uint64_t most = options_.max_bytes_per_address;
    if (most == 0 || (used.bytes <= most && bytes <= most - used.bytes))
        return {};
    return objection{refusal_code::quota, "your address may send " + bytes_of(most) + ", of which " +
                                              bytes_of(most - std::min(most, used.bytes)) + " are left"};
}

// Removed files make room, so the directory is counted again before an upload is refused. One thread
// counts, while the others use the known number.
std::optional<upload_limits::objection> upload_limits::check_total(std::uint64_t bytes, time_point now,
                                                                   held_lock& lock) {
    const std::uint64_t most = options_.max_total;
    if (most == 0)
        return {};
    const bool old = !counted_ || (!fits_total(bytes) && now - *counted_ >= count_every);
    if (old && !std::exchange(counting_, true)) {
        lock.unlock();
        const auto used = disk_.used_space();
        lock.lock();
        counting_ = false;
        if (!used)
            return disk_failed("the directory cannot be read", used.error());
        used_ = *used;
        counted_ = now;
    }
    if (fits_total(bytes))
        return {};
    return objection{refusal_code::quota, "the directory may hold " + bytes_of(most) + ", and is full"};
}

bool upload_limits::fits_total(std::uint64_t bytes) const noexcept {
    const std::uint64_t most = options_.max_total;
    return most == 0 || (used_ <= most && set_aside_ <= most - used_ && bytes <= most - used_ - set_aside_);
}

std::optional<upload_limits::objection> upload_limits::check_disk(std::uint64_t bytes) {
    if (options_.min_free_space == 0 && bytes == 0)
        return {};
    const auto free = disk_.free_space();
    if (!free)
        return disk_failed("the disk cannot be asked", free.error());
    const std::uint64_t floor = options_.min_free_space;
    const std::uint64_t usable = *free > floor ? *free - floor : 0;
    if (bytes == 0 ? usable != 0 : set_aside_ <= usable && bytes <= usable - set_aside_)
        return {};
    return objection{refusal_code::space,
                     "the disk has no room for it: " + bytes_of(usable - std::min(usable, set_aside_)) + " are left"};
}

// If there are too many addresses, forgets those whose period is over. If that is not enough, forgets any address
// without an open upload, because the number of addresses is not bounded.
upload_limits::quota& upload_limits::quota_of(const std::string& address, time_point now) {
    const auto over = [&](const quota& used) { return has_passed(now - used.began, options_.quota_period); };
    const auto found = quotas_.find(address);
    if (found != quotas_.end()) {
        if (over(found->second))
            found->second = quota{.began = now, .open = found->second.open};
        return found->second;
    }
    if (quotas_.size() >= most_addresses && now - forgot_ >= count_every) {
        forgot_ = now;
        std::erase_if(quotas_, [&](const auto& each) { return each.second.open == 0 && over(each.second); });
    }
    if (quotas_.size() >= most_addresses) {
        const auto unused = std::ranges::find_if(quotas_, [](const auto& each) { return each.second.open == 0; });
        if (unused != quotas_.end())
            quotas_.erase(unused);
    }
    return quotas_.emplace(address, quota{.began = now}).first->second;
}

} // namespace fairlead::file_transfer
