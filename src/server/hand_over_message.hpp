#pragma once

#include "net/socket_sharing.hpp"
#include "server/unix_socket_file.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead {

/// One message of a hand-over: a packet of a Unix socket (SOCK_SEQPACKET) with lines of text, and
/// descriptors beside them.
///
///     successor                                          predecessor, which listens
///     fairlead hand-over 1 · ask · process 4712    ─▶
///                                                  ◀─    … listener · number 1 · url tcp://0.0.0.0:9000 · sockets 2
///                                                        + 2 descriptors
///                                                  ◀─    … admin · number 2 · url tcp://127.0.0.1:9901 · sockets 1 + 1
///                                                  ◀─    … entrance · file 2049 77 · sockets 1           + 1
///                                                  ◀─    … end · process 4711
///     … ready                                      ─▶    accepts no more
///                                                  ◀─    … done
///
/// Either side answers `refused`, with a text for people, and ends. Here `·` is the end of a line.
struct hand_over_message {
    enum class kind : std::uint8_t {
        ask,      ///< for the sockets
        listener, ///< sockets of one listener, or a part of them
        admin,    ///< sockets of an endpoint of administration
        entrance, ///< the socket of the hand-over itself, which is handed over too
        end,      ///< there are no more
        ready,    ///< the successor accepts
        done,     ///< the predecessor does not accept any more
        refused,
    };

    static constexpr int version = 1;
    static constexpr std::size_t max_size = 8192;   ///< bytes of text
    static constexpr std::size_t max_sockets = 128; ///< in one message; the system takes 253 (SCM_MAX_FD)

    kind type = kind::ask;
    std::size_t number = 0;                       ///< of a listener or an endpoint, from 1; 0: of none
    std::string url = {};                         ///< of the listener or endpoint, as it was asked for
    socket_origin origin = socket_origin::opened; ///< of its sockets: `opened` or `passed`
    std::optional<file_identity> file = {};       ///< of a Unix socket
    std::string ticket_keys = {};                 ///< empty: none
    std::size_t sockets = 0;                      ///< descriptors beside this message
    std::int64_t process = 0;                     ///< of the sender, for the log
    std::string why = {};                         ///< the text of `refused`

    friend bool operator==(const hand_over_message&, const hand_over_message&) = default;

    std::string encode() const;

    /// Errors: throws std::runtime_error that says what is wrong and what to do: another version, lines that
    /// are unknown, missing or cannot be read, a message that is too long.
    static hand_over_message decode(std::string_view text);
};

} // namespace fairlead
