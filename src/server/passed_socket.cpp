#include <fairlead/passed_socket.hpp>

#include "core/environment.hpp"
#include "server/socket_check.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <stdexcept>
#include <string_view>
#include <unistd.h>

namespace fairlead {

namespace {

constexpr int first_passed = 3; // SD_LISTEN_FDS_START

// Splits at ':', which no name contains (sd_listen_fds_with_names(3)).
std::vector<std::string> names_in(const char* variable) {
    const char* const text = std::getenv(variable);
    std::vector<std::string> names;
    if (!text)
        return names;
    std::string_view rest{text};
    for (std::size_t end = 0; end != std::string_view::npos; rest.remove_prefix(end + 1)) {
        end = rest.find(':');
        names.emplace_back(rest.substr(0, end));
        if (end == std::string_view::npos)
            break;
    }
    return names;
}

void forget_variables() noexcept {
    for (const char* each : {"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"})
        ::unsetenv(each);
}

} // namespace

passed_socket& passed_socket::operator=(passed_socket&& other) noexcept {
    if (this != &other) {
        if (descriptor_ >= 0)
            ::close(descriptor_);
        descriptor_ = other.release();
        name_ = std::move(other.name_);
    }
    return *this;
}

passed_socket::~passed_socket() {
    if (descriptor_ >= 0)
        ::close(descriptor_);
}

std::string passed_socket::to_string() const {
    return "'" + name_ + "' (descriptor " + std::to_string(descriptor_) + ", " + describe(look_at_socket(descriptor_)) +
           ")";
}

std::vector<passed_socket> take_passed_sockets() {
    std::vector<passed_socket> passed;
    if (number_in("LISTEN_PID") != ::getpid()) // those of another process are left alone
        return passed;
    const auto count = number_in("LISTEN_FDS");
    const std::vector<std::string> names = names_in("LISTEN_FDNAMES");
    forget_variables();
    constexpr std::int64_t most = 65536;
    if (!count || *count < 0 || *count > most)
        throw std::invalid_argument{"LISTEN_PID is that of this process, and LISTEN_FDS is no number of sockets; see "
                                    "sd_listen_fds(3)"};
    if (!names.empty() && names.size() != static_cast<std::size_t>(*count))
        throw std::invalid_argument{"LISTEN_FDNAMES has " + std::to_string(names.size()) +
                                    " names and LISTEN_FDS says " + std::to_string(*count) + "; see sd_listen_fds(3)"};
    for (std::size_t i = 0; i < static_cast<std::size_t>(*count); ++i) {
        const int descriptor = first_passed + static_cast<int>(i);
        if (::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0)
            throw std::invalid_argument{"LISTEN_FDS says " + std::to_string(*count) + ", and descriptor " +
                                        std::to_string(descriptor) + " is not open; see sd_listen_fds(3)"};
        const bool named = !names.empty() && !names[i].empty();
        passed.emplace_back(descriptor, named ? names[i] : std::string{"unknown"});
    }
    return passed;
}

} // namespace fairlead
