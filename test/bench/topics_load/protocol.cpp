#include "topics_load/protocol.hpp"

#include "require.hpp"

namespace fairlead::bench {

namespace {

std::string big_endian(std::size_t value, int width) {
    std::string bytes;
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
        bytes += static_cast<char>(value >> shift);
    return bytes;
}

std::string length_prefixed(std::string_view message) {
    return big_endian(message.size(), 4).append(message);
}

std::string websocket_header(std::size_t size, int masked) {
    std::string header{'\x82'}; // the last fragment, binary
    if (size < 126)
        return header += static_cast<char>(masked | static_cast<int>(size));
    header += static_cast<char>(masked | 126);
    return header + big_endian(size, 2);
}

// The mask is 0, which servers apply as any other.
std::string masked(std::string_view message) {
    return websocket_header(message.size(), 0x80).append(4, '\0').append(message);
}

protocol::kind kind_of(std::string_view scheme) {
    using kind = protocol::kind;
    require(scheme == "tcp" || scheme == "ws" || scheme == "nats", "an URL begins with tcp://, ws:// or nats://");
    return scheme == "tcp" ? kind::length_prefix : scheme == "ws" ? kind::websocket : kind::nats;
}

constexpr const char* upgrade = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n\r\n";

} // namespace

protocol::protocol(std::string_view scheme) : kind_{kind_of(scheme)} {}

std::vector<protocol::step> protocol::opening() const {
    switch (kind_) {
    case kind::websocket: return {{upgrade, "\r\n\r\n"}};
    case kind::nats:
        return {{"", "\r\n"}, {"CONNECT {\"verbose\":false,\"pedantic\":false}\r\nPING\r\n", "PONG\r\n", ping}};
    case kind::length_prefix: break;
    }
    return {};
}

protocol::step protocol::subscription(char topic) const {
    const std::string name{topic};
    switch (kind_) {
    case kind::websocket: return {masked(name), websocket_header(1, 0) + name};
    case kind::nats: // the topic is its own number
        return {"SUB " + name + ' ' + name + "\r\nPING\r\n", "PONG\r\n", ping};
    case kind::length_prefix: break;
    }
    return {length_prefixed(name), length_prefixed(name)};
}

std::string protocol::published(std::string_view message) const {
    switch (kind_) {
    case kind::websocket: return masked(message);
    case kind::nats:
        return "PUB " + std::string{message.front()} + ' ' + std::to_string(message.size()) + "\r\n" +
               std::string{message} + "\r\n";
    case kind::length_prefix: break;
    }
    return length_prefixed(message);
}

protocol::frame protocol::delivered(std::size_t message) const {
    switch (kind_) {
    case kind::websocket: {
        const std::size_t before = websocket_header(message, 0).size();
        return {before, before + message};
    }
    case kind::nats: {
        const std::size_t before = std::string_view{"MSG t t "}.size() + std::to_string(message).size() + 2;
        return {before, before + message + 2};
    }
    case kind::length_prefix: break;
    }
    return {4, 4 + message};
}

} // namespace fairlead::bench
