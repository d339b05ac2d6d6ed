#include "channel/framed_channel.hpp"

#include "channel/fill_input.hpp"

namespace fairlead {

result<std::size_t> framed_channel::fill(std::size_t most) {
    queue_.leave_input(replies_);
    const auto filled = fill_input(*stream_, reader_.input(), reader_.announced(), most);
    if (!filled && filled.error() == errc::closed)
        reader_.end_input();
    return filled;
}

result<output_progress> framed_channel::begin_message(std::optional<std::uint64_t> size) {
    return queue_.queue_part({}, path(), [&](byte_buffer& to) { return reader_.rules().begin_message(size, to); });
}

result<output_progress> framed_channel::send_part(bytes_view part) {
    return queue_.queue_part(part, path(), [&](byte_buffer& to) { return reader_.rules().begin_part(part, to); });
}

result<output_progress> framed_channel::end_message() {
    return queue_.queue_part({}, path(), [&](byte_buffer& to) { return reader_.rules().end_message(to); });
}

result<std::size_t> framed_channel::discard() {
    const auto dropped = stream_->try_fill(reader_.input(), stream::plenty);
    drop_input();
    return dropped;
}

bool framed_channel::park() {
    queue_.leave_input(replies_);
    reader_.input().park();
    return reader_.inside_message();
}

} // namespace fairlead
