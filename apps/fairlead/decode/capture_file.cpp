#include "decode/capture_file.hpp"

#include <cerrno>
#include <cstdio>
#include <exception>
#include <pcap/pcap.h>
#include <stdexcept>
#include <string>

namespace fairlead::command {

namespace {

static_assert(DLT_NULL == 0 && DLT_EN10MB == 1 && DLT_RAW == 12 && DLT_LOOP == 108 && DLT_LINUX_SLL == 113 &&
              DLT_IPV4 == 228 && DLT_IPV6 == 229 && DLT_LINUX_SLL2 == 276);

constexpr std::size_t buffer_size = 64 * 1024;

// Presents the bytes of an input as a FILE, as libpcap needs it.
struct file_source {
    byte_input* input;
    std::exception_ptr failed;

    static ::ssize_t read(void* cookie, char* to, std::size_t size) {
        auto& self = *static_cast<file_source*>(cookie);
        try {
            return static_cast<::ssize_t>(self.input->read({reinterpret_cast<unsigned char*>(to), size}));
        } catch (...) {
            self.failed = std::current_exception();
            errno = EIO;
            return -1;
        }
    }
};

} // namespace

struct capture_file::state {
    file_source source;
    ::pcap_t* packets = nullptr;
    std::string name;

    [[noreturn]] void refuse(const std::string& why) const {
        if (source.failed)
            std::rethrow_exception(source.failed);
        throw std::runtime_error{"the capture in " + name + " cannot be read: " + why};
    }
};

capture_file::capture_file(byte_input& input) : state_{new state{.source = {&input, {}}, .name = input.name()}} {
    std::FILE* const file = ::fopencookie(&state_->source, "r", {.read = file_source::read});
    if (!file)
        throw std::bad_alloc{};
    std::setvbuf(file, nullptr, _IOFBF, buffer_size);
    char why[PCAP_ERRBUF_SIZE] = "";
    state_->packets = ::pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, why);
    if (!state_->packets) {
        std::fclose(file);
        state_->refuse(why);
    }
    if (!is_known(link())) {
        const char* const name = ::pcap_datalink_val_to_name(::pcap_datalink(state_->packets));
        const std::string type = name ? name : std::to_string(::pcap_datalink(state_->packets));
        ::pcap_close(state_->packets);
        state_->refuse("its packets have headers of type " + type +
                       "; those of EN10MB, RAW, NULL, LOOP, LINUX_SLL and LINUX_SLL2 can be read");
    }
}

capture_file::~capture_file() {
    ::pcap_close(state_->packets);
}

link_type capture_file::link() const noexcept {
    return link_type{::pcap_datalink(state_->packets)};
}

std::optional<captured_packet> capture_file::next() {
    ::pcap_pkthdr* header = nullptr;
    const unsigned char* bytes = nullptr;
    const int outcome = ::pcap_next_ex(state_->packets, &header, &bytes);
    if (outcome == PCAP_ERROR_BREAK)
        return std::nullopt;
    if (outcome != 1)
        state_->refuse(::pcap_geterr(state_->packets));
    return captured_packet{.bytes = {bytes, header->caplen},
                           .time = packet_time(header->ts.tv_sec, header->ts.tv_usec)}; // nanoseconds, as was asked for
}

} // namespace fairlead::command
