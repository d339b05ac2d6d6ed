#include "decode/capture_file.hpp"

#include <stdexcept>

namespace fairlead::command {

struct capture_file::state {};

capture_file::capture_file(byte_input& input) {
    throw std::runtime_error{input.name() + " is a capture file, and this fairlead was built without libpcap; build it "
                                            "with libpcap (on Debian libpcap-dev)"};
}

capture_file::~capture_file() = default;

link_type capture_file::link() const noexcept {
    return link_type::ethernet;
}

std::optional<captured_packet> capture_file::next() {
    return std::nullopt;
}

} // namespace fairlead::command
