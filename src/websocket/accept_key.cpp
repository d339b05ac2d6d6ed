#include "websocket/upgrade.hpp"

#include <fairlead/bytes.hpp>

#include <boost/uuid/detail/sha1.hpp>

namespace fairlead {

namespace {

constexpr std::string_view protocol_name = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, section 1.3

std::string to_base64(bytes_view bytes) {
    static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (; !bytes.empty(); bytes = bytes.from(3)) {
        unsigned group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = group << 8 | (i < bytes.size() ? bytes[i] : 0u);
        for (std::size_t i = 0; i < 4; ++i)
            text += i <= bytes.size() ? digits[group >> (18 - 6 * i) & 0x3F] : '=';
    }
    return text;
}

// The digest of Boost is five words up to version 1.85, and twenty bytes since.
std::string sha1_of(std::string_view text) {
    boost::uuids::detail::sha1 hash;
    hash.process_bytes(text.data(), text.size());
    boost::uuids::detail::sha1::digest_type digest;
    hash.get_digest(digest);
    std::string bytes;
    for (const auto each : digest) {
        for (int shift = 8 * static_cast<int>(sizeof each) - 8; shift >= 0; shift -= 8)
            bytes += static_cast<char>(static_cast<unsigned>(each) >> shift & 0xFF);
    }
    return bytes;
}

} // namespace

std::string websocket_accept(std::string_view key) {
    return to_base64(sha1_of(std::string{key} += protocol_name));
}

std::string make_websocket_key(const std::array<unsigned char, 16>& random) {
    return to_base64(random);
}

} // namespace fairlead
