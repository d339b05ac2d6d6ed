#pragma once

namespace fairlead {

/// Opens /dev/null in place of each of the descriptors 0 to 2 that is closed. Otherwise the next
/// socket would get its number, and the output of the program would be sent to a peer. Writing to
/// standard output still fails with EBADF.
void occupy_standard_descriptors() noexcept;

} // namespace fairlead
