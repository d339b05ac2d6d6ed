#include "file_transfer/receiver_state.hpp"

namespace fairlead::file_transfer {

digest known_uploads::key_of(const offer& offered) {
    return digest_of(offered.resume + '/' + (offered.size ? std::to_string(*offered.size) : "?") + '/' + offered.name);
}

void known_uploads::add(const digest& which, std::shared_ptr<upload> open) {
    const std::lock_guard lock{mutex_};
    open_[{which.high, which.low}] = std::move(open);
}

void known_uploads::remove(const digest& which, const upload* open) noexcept {
    const std::lock_guard lock{mutex_};
    const auto found = open_.find({which.high, which.low});
    if (found != open_.end() && found->second.get() == open)
        open_.erase(found);
}

std::shared_ptr<upload> known_uploads::find(const digest& which) const {
    const std::lock_guard lock{mutex_};
    const auto found = open_.find({which.high, which.low});
    return found == open_.end() ? nullptr : found->second;
}

void known_uploads::remember(const digest& which, const std::string& name) {
    const std::lock_guard lock{mutex_};
    stored_.put({which.high, which.low}, name);
}

std::optional<std::string> known_uploads::recall(const digest& which) const {
    const std::lock_guard lock{mutex_};
    return stored_.find({which.high, which.low});
}

} // namespace fairlead::file_transfer
