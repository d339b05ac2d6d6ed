#pragma once

#include <string>
#include <string_view>

namespace fairlead {

/// The secret that a request over TCP must present before it may change something.
class admin_token {
public:
    static constexpr std::size_t min_size = 16, max_size = 512;

    /// Reads the token from a file, without the surrounding white space.
    ///
    /// Errors: throws std::invalid_argument, which names the file and the remedy, if other users may use
    /// the file, or if it has no token of `min_size` to `max_size` printable characters;
    /// boost::system::system_error if it cannot be read.
    static admin_token read(const std::string& file);

    /// Returns true if the header `Authorization` is `Bearer TOKEN`. The time taken does not depend on
    /// the position of a difference.
    bool matches(std::string_view authorization) const noexcept;

private:
    explicit admin_token(std::string secret) : secret_{std::move(secret)} {}

    std::string secret_;
};

} // namespace fairlead
