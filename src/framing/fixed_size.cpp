#include <fairlead/framing/fixed_size.hpp>

#include "framing/encode_by_header.hpp"
#include "framing/require.hpp"

namespace fairlead {

fixed_size::fixed_size(std::size_t size) : size_{size} {
    require(size != 0, "messages of a fixed size have at least 1 byte, not 0");
}

result<decoded> fixed_size::decode(bytes_view input) {
    if (input.size() < size_)
        return decoded{.wanted = size_};
    return decoded{.consumed = size_, .message = input.first(size_)};
}

result<decoded> fixed_size::finish(bytes_view input) {
    if (input.empty())
        return decoded{};
    return errc::truncated;
}

result<void> fixed_size::encode(bytes_view message, byte_buffer& output) {
    return encode_by_header(*this, message, output);
}

// The framing has no header; this only refuses messages.
result<void> fixed_size::encode_header(bytes_view message, byte_buffer&) {
    if (message.size() != size_)
        return errc::malformed;
    return {};
}

std::string fixed_size::to_string() const {
    return "fixed:" + std::to_string(size_);
}

} // namespace fairlead
