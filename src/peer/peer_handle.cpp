#include <fairlead/handler.hpp>

#include "peer/handle_target.hpp"

#include <stdexcept>

namespace fairlead {

peer_handle peer::handle() {
    return {};
}

shard& peer::shard() {
    throw std::logic_error{"this peer has no shard; override peer::shard in a peer of your own"};
}

result<void> peer_handle::send(bytes_view message) const {
    return expired() ? errc::closed : target_->send(message);
}

void peer_handle::close() const {
    if (target_)
        target_->close();
}

void peer_handle::abort(error_code why) const {
    if (target_)
        target_->abort(why);
}

std::uint64_t peer_handle::id() const noexcept {
    return target_ ? target_->id() : 0;
}

endpoint peer_handle::remote() const {
    return target_ ? target_->remote() : endpoint{};
}

bool peer_handle::expired() const noexcept {
    return !target_ || target_->expired();
}

std::size_t peer_handle::hash() const noexcept {
    return target_ ? target_->hash() : 0;
}

bool peer_handle::is_same(const peer_handle& other) const noexcept {
    return target_ == other.target_ || (target_ && other.target_ && target_->is_same(*other.target_));
}

} // namespace fairlead
