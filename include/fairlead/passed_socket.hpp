#pragma once

#include <fairlead/api.hpp>

#include <string>
#include <utility>
#include <vector>

namespace FAIRLEAD_API fairlead {

/// A socket that another process opened for this one, such as a service manager. Owns the descriptor; see `server::adopt`.
///
///     passed_socket web{3, "web"};
class passed_socket {
public:
    /// Owns `descriptor` from now on. `name` is for messages.
    explicit passed_socket(int descriptor, std::string name = {}) noexcept
        : descriptor_{descriptor}, name_{std::move(name)} {}
    passed_socket(passed_socket&& other) noexcept : descriptor_{other.release()}, name_{std::move(other.name_)} {}
    passed_socket& operator=(passed_socket&& other) noexcept;
    ~passed_socket();

    const std::string& name() const noexcept { return name_; }        ///< that of `$LISTEN_FDNAMES`
    int descriptor() const noexcept { return descriptor_; }           ///< -1 once released
    int release() noexcept { return std::exchange(descriptor_, -1); } ///< returns the descriptor and owns it no longer

    /// Returns the socket in words: `'web' (descriptor 3, tcp://0.0.0.0:9000)`.
    std::string to_string() const;

private:
    int descriptor_;
    std::string name_;
};

/// Returns the sockets that the service manager has passed to this process (sd_listen_fds(3): `$LISTEN_FDS`, `$LISTEN_PID`,
/// `$LISTEN_FDNAMES`), in their order; none if there are none. A socket without a name is called `unknown`. Removes the variables
/// from the environment, so programs that this one starts do not take them for theirs; a second call returns none. Programs that
/// this one starts do not inherit the sockets.
///
///     for (passed_socket& each : take_passed_sockets())
///         server.adopt("tcp://0.0.0.0:9000", std::move(each));
///     server.listen("tcp://0.0.0.0:9000", line{}, echo());
///
/// Errors: throws std::invalid_argument if the variables are meant for this process and contradict each other.
/// Thread safety: none, for it changes the environment; called before other threads start.
std::vector<passed_socket> take_passed_sockets();

} // namespace fairlead
