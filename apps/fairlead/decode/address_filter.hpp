#pragma once

#include <fairlead/address_range.hpp>
#include <fairlead/endpoint.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead::command {

/// One end of a conversation, as `--from` and `--to` name it; without an address or a port, any.
struct address_filter {
    std::optional<address_range> address = {};
    std::optional<std::uint16_t> port = {};

    bool fits(const endpoint& tried) const noexcept;
    bool fits_address(const endpoint& tried) const noexcept;

    /// Reads `192.0.2.1`, `192.0.2.1:9000`, `10.0.0.0/8`, `2001:db8::1`, `[2001:db8::1]:9000`, `:9000`; an empty text fits all.
    ///
    /// Errors: throws std::invalid_argument with advice.
    static address_filter parse(std::string_view text);
};

/// Returns an endpoint without its scheme: `127.0.0.1:9000`, `[::1]:9000`.
std::string address_text(const endpoint& shown);

} // namespace fairlead::command
