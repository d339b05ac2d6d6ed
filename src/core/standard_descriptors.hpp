#pragma once

namespace fairlead {

/// Opens /dev/null in the place of each of descriptors 0 to 2 that is closed: the next socket would be given its number, and
/// what the program prints would go to a peer. Writing to standard output goes on to fail with EBADF.
void occupy_standard_descriptors() noexcept;

} // namespace fairlead
