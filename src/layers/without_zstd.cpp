// Replaces the use of zstd in a build without it.

#include "core/missing_library.hpp"
#include "layers/zstd_frame.hpp"

namespace fairlead {

namespace {

[[noreturn]] void refuse_zstd() {
    refuse_without("zstd", "it", "libzstd-dev", "FAIRLEAD_ZSTD");
}

} // namespace

zstd_frame::zstd_frame(bytes_view, int) {
    refuse_zstd();
}

zstd_frame::~zstd_frame() = default;

std::optional<zstd_refusal> inflate_zstd_frame(bytes_view, std::size_t, byte_buffer&) {
    refuse_zstd();
}

void validate_zstd_level(int) {
    refuse_zstd();
}

} // namespace fairlead
