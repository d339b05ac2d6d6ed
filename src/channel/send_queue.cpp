#include "channel/send_queue.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace fairlead {

namespace {

// From this size on, a system call costs less than a copy of the message to the queue.
constexpr std::size_t worth_no_copy = 32 * 1024;

/// A buffer for a header that is encoded before its destination is known. Each thread keeps the memory for reuse.
class header_scratch {
public:
    header_scratch() noexcept : buffer{std::move(kept)} {}
    header_scratch(const header_scratch&) = delete;
    header_scratch& operator=(const header_scratch&) = delete;
    ~header_scratch() {
        buffer.truncate(0);
        kept = std::move(buffer);
    }

    byte_buffer buffer;

private:
    static thread_local byte_buffer kept;
};

thread_local byte_buffer header_scratch::kept;

} // namespace

result<output_progress> send_queue::queue(bytes_view message, const output_path& by) {
    if (state_ == output_state::failed)
        return failure();
    if (state_ == output_state::open && by.replies.add(message) != 0)
        return progress(by.replies, 0);
    const bool in_place = state_ == output_state::open && by.from.has_header() && by.replies.begins_in_hand(message) &&
                          !by.replies.writable(message, by.from.input()).empty();
    const auto written = in_place ? encode_in_place(message, by) : encode_copy(message, by);
    if (!written)
        return written.error();
    return progress(by.replies, *written);
}

result<output_progress> send_queue::queue_encoded(bytes_view messages, const output_path& by) {
    make_way(by);
    if (state_ == output_state::failed)
        return failure();
    std::size_t written = 0;
    if (state_ == output_state::open)
        written = write_with(messages, by);
    else
        output_.append(messages);
    return progress(by.replies, written);
}

// Writes or queues `part`, after the encoded bytes that follow the first `before` bytes of the
// queue. If `part` cannot be copied, those encoded bytes are removed too.
result<output_progress> send_queue::queue_behind(std::size_t before, bytes_view part, const output_path& by) {
    if (part.size() >= worth_no_copy && state_ == output_state::open) {
        const std::size_t written = write_with(part, by);
        return progress(by.replies, written);
    }
    try {
        output_.append(part);
    } catch (...) {
        output_.truncate(before);
        throw;
    }
    return progress(by.replies);
}

output_progress send_queue::write(const output_path& by) {
    const std::size_t written = output_.empty() && by.replies.empty() ? 0 : write_with(by.replies.bytes(), by);
    return progress(by.replies, written);
}

// Encodes the header elsewhere first, because it may be refused, or differ in size from the one that was received.
result<std::size_t> send_queue::encode_in_place(bytes_view message, const output_path& by) {
    header_scratch encoded;
    if (const auto done = by.from.rules().encode_header(message, encoded.buffer); !done)
        return done.error();
    const bytes_view header = encoded.buffer.data();
    if (!by.replies.may_add(header.size(), message))
        make_way(by);
    if (state_ == output_state::failed)
        return failure();

    const auto consumed = by.from.input().consumed();
    const auto offset = static_cast<std::size_t>(message.data() - consumed.data());
    if (state_ == output_state::blocked || header.size() > offset) {
        output_.prepare(header.size() + message.size());
        output_.append(header);
        output_.append(message);
        return 0;
    }
    const auto place = consumed.subspan(offset - header.size(), header.size());
    if (!std::ranges::equal(header, place)) {
        std::ranges::copy(header, place.begin());
        by.replies.header_overwritten();
    }
    by.replies.add(place.data(), message.end());
    return 0;
}

result<std::size_t> send_queue::encode_copy(bytes_view message, const output_path& by) {
    make_way(by);
    if (state_ == output_state::failed)
        return failure();
    const bool at_once =
        message.size() >= worth_no_copy && output_.empty() && state_ == output_state::open && by.from.has_header();
    const auto encoded =
        at_once ? by.from.rules().encode_header(message, output_) : by.from.rules().encode(message, output_);
    if (!encoded)
        return encoded.error();
    return at_once ? write_with(message, by) : 0;
}

// Writes or copies the replies in place, which precede the next copied bytes.
void send_queue::make_way(const output_path& by) {
    if (by.replies.size() >= worth_no_copy)
        unreported_ += write_with(by.replies.bytes(), by);
    else
        spill(by.replies);
}

void send_queue::copy(in_place_replies& replies) {
    output_.append(replies.bytes());
    replies.clear();
}

// Writes the queued bytes and then `rest`, and copies the part of `rest` that the stream does not
// take. The stream may call back and make this queue fail. If it throws, it may have taken some of
// the bytes, which must not be sent again.
std::size_t send_queue::write_with(bytes_view rest, const output_path& by) {
    by.replies.clear();
    const auto offer = [&]() -> result<std::size_t> {
        try {
            const bytes_view queue = output_.data();
            if (queue.empty())
                return by.to.try_write(rest);
            return rest.empty() ? by.to.try_write(queue) : by.to.try_write_both(queue, rest);
        } catch (const std::bad_alloc&) {
            fail(by.replies, make_error_code(boost::system::errc::not_enough_memory));
            throw;
        } catch (...) {
            fail(by.replies, make_error_code(boost::system::errc::io_error));
            throw;
        }
    };
    const auto written = offer();
    if (state_ == output_state::failed)
        return 0;
    if (!written && written.error() != errc::would_block) {
        fail(by.replies, written.error());
        return 0;
    }
    const std::size_t size = written ? *written : 0;
    const std::size_t of_queue = std::min(size, output_.size());
    output_.consume(of_queue);
    keep(rest.from(size - of_queue), by.replies);
    if (output_.empty()) {
        output_.release();
        state_ = output_state::open;
    } else {
        output_.park();
        state_ = output_state::blocked;
    }
    return size;
}

void send_queue::keep(bytes_view rest, in_place_replies& replies) {
    try {
        output_.append(rest);
    } catch (...) {
        fail(replies, make_error_code(boost::system::errc::not_enough_memory)); // half a message is on its way
        throw;
    }
}

void send_queue::fail(in_place_replies& replies, error_code why) noexcept {
    state_ = output_state::failed;
    failed_category_ = &why.category();
    failed_value_ = why.value();
    output_.release();
    replies.clear();
}

} // namespace fairlead
