#pragma once

#include "tls_load/far_peer.hpp"

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace fairlead::bench {

/// What connections do before they fall silent.
enum class crowd_kind {
    session, ///< a handshake and a message
    hello,   ///< half a ClientHello
    silent,  ///< nothing
};

/// Makes so many connections, some at a time. Errors: throws std::runtime_error.
std::vector<std::unique_ptr<far_peer>> make_crowd(const target& where, crowd_kind kind, std::size_t count);

} // namespace fairlead::bench
