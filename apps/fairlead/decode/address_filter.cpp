#include "decode/address_filter.hpp"

#include <fairlead/bytes.hpp>

#include <charconv>
#include <stdexcept>

namespace fairlead::command {

namespace {

std::uint16_t parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (wrong != std::errc{} || end != text.data() + text.size() || port == 0)
        throw std::invalid_argument{"the port is a number from 1 to 65535, not '" + escape(text) + "'"};
    return port;
}

address_filter parse_parts(std::string_view text) {
    address_filter made;
    const std::size_t colon = text.rfind(':');
    const bool bracketed = text.starts_with('[');
    const bool port = colon != std::string_view::npos &&
                      (bracketed ? text[colon - 1] == ']' : text.find(':') == colon); // else an address of IPv6
    if (port)
        made.port = parse_port(text.substr(colon + 1));
    std::string_view address = port ? text.substr(0, colon) : text;
    if (bracketed && address.ends_with(']'))
        address = address.substr(1, address.size() - 2);
    if (!address.empty())
        made.address = address_range::parse(address);
    return made;
}

} // namespace

bool address_filter::fits(const endpoint& tried) const noexcept {
    return fits_address(tried) && (!port || *port == tried.port());
}

bool address_filter::fits_address(const endpoint& tried) const noexcept {
    return !address || address->contains(tried);
}

address_filter address_filter::parse(std::string_view text) {
    try {
        return parse_parts(text);
    } catch (const std::invalid_argument& wrong) {
        throw std::invalid_argument{"'" + escape(text) +
                                    "' is not ADDRESS[:PORT], such as 192.0.2.1:9000: " + wrong.what()};
    }
}

std::string address_text(const endpoint& shown) {
    const std::string port = ":" + std::to_string(shown.port());
    return (shown.family() == AF_INET6 ? "[" + shown.address() + "]" : shown.address()) + port;
}

} // namespace fairlead::command
