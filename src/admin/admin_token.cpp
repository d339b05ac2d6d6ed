#include "admin/admin_token.hpp"

#include "core/system_error.hpp"
#include "core/unique_descriptor.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <fcntl.h>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

namespace fairlead {

namespace {

[[noreturn]] void fail(const std::string& file) {
    throw boost::system::system_error{last_system_error(), "cannot read the token of the admin endpoint in " + file};
}

std::string read_beginning(int from, std::size_t most, const std::string& file) {
    std::string text(most, '\0');
    std::size_t read = 0;
    while (read < most) {
        const auto more = ::read(from, text.data() + read, most - read);
        if (more < 0 && errno != EINTR)
            fail(file);
        if (more == 0)
            break;
        read += more > 0 ? static_cast<std::size_t>(more) : 0;
    }
    text.resize(read);
    return text;
}

bool is_visible(char letter) {
    return letter > ' ' && letter < 0x7F;
}

} // namespace

admin_token admin_token::read(const std::string& file) {
    const unique_descriptor opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct ::stat found {};
    if (!opened || ::fstat(opened.get(), &found) != 0)
        fail(file);
    if ((found.st_mode & 07) != 0)
        throw std::invalid_argument{"other users may use " + file +
                                    ", the token of the admin endpoint; take that from them: chmod o= " + file};
    std::string text = read_beginning(opened.get(), 2 * max_size, file);
    constexpr const char* white = " \t\r\n";
    text.erase(0, std::min(text.find_first_not_of(white), text.size()));
    text.erase(text.find_last_not_of(white) + 1);
    if (text.size() < min_size || text.size() > max_size || !std::ranges::all_of(text, is_visible))
        throw std::invalid_argument{file + " has no token for the admin endpoint, which is " +
                                    std::to_string(min_size) + " to " + std::to_string(max_size) +
                                    " visible ASCII characters; make one with: head -c 24 /dev/urandom | base64"};
    return admin_token{std::move(text)};
}

bool admin_token::matches(std::string_view authorization) const noexcept {
    constexpr std::string_view scheme = "bearer ";
    const bool has_scheme = std::ranges::equal(authorization.substr(0, scheme.size()), scheme, {},
                                               [](char each) { return static_cast<char>(each | 0x20); });
    if (!has_scheme)
        return false;
    const std::string_view given = authorization.substr(scheme.size());
    unsigned differ = given.size() == secret_.size() ? 0 : 1;
    for (std::size_t i = 0; i < given.size(); ++i)
        differ |= static_cast<unsigned char>(given[i] ^ secret_[i % secret_.size()]);
    return differ == 0;
}

} // namespace fairlead
