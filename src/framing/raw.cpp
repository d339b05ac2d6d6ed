#include <fairlead/framing/raw.hpp>

#include "framing/encode_by_header.hpp"
#include "framing/require.hpp"

namespace fairlead {

raw::raw(raw_options options) : max_message_{options.max_message} {
    require(options.max_message != 0, "max_message 0 lets no message through; it is at least 1");
}

result<decoded> raw::decode(bytes_view input) {
    if (input.empty())
        return decoded{.wanted = 1};
    const bytes_view message = input.first(max_message_);
    return decoded{.consumed = message.size(), .message = message};
}

result<decoded_part> raw::decode_part(bytes_view input) {
    const decoded step = *decode(input);
    return decoded_part{.consumed = step.consumed, .part = step.message, .left = 0, .wanted = step.wanted};
}

result<decoded> raw::finish(bytes_view input) {
    return decode(input);
}

result<void> raw::encode(bytes_view message, byte_buffer& output) {
    return encode_by_header(*this, message, output);
}

// The framing has no header; this only refuses messages.
result<void> raw::encode_header(bytes_view message, byte_buffer&) {
    if (message.size() > max_message_)
        return errc::message_too_large;
    return {};
}

std::string raw::to_string() const {
    return "raw";
}

} // namespace fairlead
