#include "channel/framed_channel.hpp"

#include "core/block_pool.hpp"

#include <algorithm>
#include <utility>

namespace fairlead {

result<std::size_t> framed_channel::fill(std::size_t most) {
    queue_.spill(replies_);
    // What may read only a little takes no more memory than that, and a message that has announced its size makes the buffer
    // no larger than that.
    byte_buffer& input = reader_.input();
    if (most < block_pool::block_size)
        input.take_small(most);
    if (const std::size_t announced = reader_.announced(); announced > block_pool::block_size) {
        input.grow_towards(announced);
        if (announced > input.size())
            most = std::min(most, input.room());
    }
    const auto filled = stream_->try_fill(input, most);
    if (!filled && filled.error() == errc::closed)
        reader_.end_input();
    return filled;
}

result<std::size_t> framed_channel::discard() {
    const auto dropped = stream_->try_fill(reader_.input(), stream::plenty);
    drop_input();
    return dropped;
}

// The text does not say which messages are too large.
std::string framed_channel::encoding() {
    const framing& rules = reader_.rules();
    std::string name = rules.to_string();
    return name == "custom" ? std::string{} : std::move(name) + ' ' + std::to_string(rules.max_message());
}

bool framed_channel::park() {
    queue_.spill(replies_);
    reader_.input().park();
    return reader_.inside_message();
}

} // namespace fairlead
