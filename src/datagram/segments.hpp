#pragma once

#include <fairlead/bytes.hpp>

#include <cstddef>

namespace fairlead {

/// Calls `each` with every datagram of a bundle, in order. All have `segment_size` bytes, except a smaller last one. A
/// `segment_size` of 0 means one datagram of any size.
template <class Each>
void split_gso_batch(bytes_view bytes, std::size_t segment_size, Each&& each) {
    if (segment_size != 0) {
        for (; bytes.size() > segment_size; bytes = bytes.from(segment_size))
            each(bytes.first(segment_size));
    }
    each(bytes);
}

} // namespace fairlead
