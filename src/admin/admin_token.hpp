#pragma once

#include <string>
#include <string_view>

namespace fairlead {

/// The secret that requests over TCP show before they may change something.
class admin_token {
public:
    static constexpr std::size_t min_size = 16, max_size = 512;

    /// Reads it from a file, whose surrounding white space is left out.
    ///
    /// Errors: throws std::invalid_argument, which names the file and the remedy, if other users may use the file, or if it
    /// has no token of `min_size` to `max_size` printable characters; boost::system::system_error if it cannot be read.
    static admin_token read(const std::string& file);

    /// Whether the header `Authorization` is `Bearer TOKEN`. The time that it takes does not depend on where they differ.
    bool matches(std::string_view authorization) const noexcept;

private:
    explicit admin_token(std::string secret) : secret_{std::move(secret)} {}

    std::string secret_;
};

} // namespace fairlead
