#pragma once

#include "core/block_pool.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/error.hpp>
#include <fairlead/transport/stream.hpp>

#include <algorithm>
#include <cstddef>

namespace fairlead {

/// Reads bytes that have arrived, about `most` of them. If `most` is small, the buffer takes no
/// more memory than that; if the size of the message is known, the buffer grows no larger than
/// that. `announced`: the size of the input when its first message is whole; 0: not known.
///
/// Errors: those of the stream.
inline result<std::size_t> fill_input(stream& from, byte_buffer& input, std::size_t announced, std::size_t most) {
    if (most < block_pool::block_size)
        input.take_small(most);
    if (announced > block_pool::block_size) {
        input.grow_towards(announced);
        if (announced > input.size())
            most = std::min(most, input.room());
    }
    return from.try_fill(input, most);
}

} // namespace fairlead
