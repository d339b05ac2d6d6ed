// In place of zstd, in a build without it.

#include "layers/zstd_frame.hpp"

#include <stdexcept>

namespace fairlead {

namespace {

[[noreturn]] void refuse_zstd() {
    throw std::invalid_argument{
        "this build of Fairlead has no zstd; install it (on Debian libzstd-dev) and build again without "
        "-DFAIRLEAD_ZSTD=OFF"};
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
