#pragma once

#include <fairlead/endpoint.hpp>

#include <algorithm>
#include <memory>
#include <netinet/in.h>

namespace fairlead {

/// A small form of `endpoint`, for objects that store many. An `endpoint` always has room for the path of a
/// Unix socket; here the path is allocated apart.
class kept_endpoint {
public:
    explicit kept_endpoint(const endpoint& kept)
        : size_{static_cast<std::uint8_t>(kept.size())}, via_{kept.transport()},
          long_{size_ > sizeof short_ ? std::make_unique<unsigned char[]>(size_) : nullptr} {
        const auto* const bytes = reinterpret_cast<const unsigned char*>(kept.data());
        std::copy_n(bytes, size_, long_ ? long_.get() : short_);
    }

    endpoint get() const noexcept {
        return {reinterpret_cast<const ::sockaddr*>(long_ ? long_.get() : short_), size_, via_};
    }

private:
    alignas(4) unsigned char short_[sizeof(::sockaddr_in6)];
    std::uint8_t size_;
    transport via_;
    std::unique_ptr<unsigned char[]> long_;
};

} // namespace fairlead
