#pragma once

#include <fairlead/api.hpp>
#include <fairlead/reconnect_backoff.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace FAIRLEAD_API fairlead {

class topic_bridge;

/// Options of a connection to NATS.
///
///     const nats_options options{.credentials_file = "/etc/chat/chat.creds", .ca_file = "/etc/chat/ca.pem"};
///
/// With `ca_file`, `chain_file`, `server_name` or a URL `tls://…` the connection is encrypted, and the certificate of the broker is
/// verified against the host of its URL. A broker that asks for TLS when none of these is given is refused.
struct nats_options {
    std::string name = "fairlead"; ///< the name of this connection at the broker

    /// Put before each subject. Letters, digits, `_`, `-` and `.`; it ends with `.` or is empty.
    std::string subject_prefix = "fairlead.";

    std::string credentials_file = {}; ///< the user's JWT and seed, as `nsc` writes them; read for each connection
    std::string ca_file = {};          ///< PEM: certificates to trust in place of the system's
    std::string chain_file = {};       ///< PEM: the certificate of this client, with `key_file`
    std::string key_file = {};         ///< PEM: its private key
    std::string server_name = {};      ///< the name in the certificate of the broker; empty: the host of its URL

    /// Pauses between attempts to connect, which never end. Give `max_delay` a second for each thousand of machines.
    reconnect_options reconnect{.initial_delay = std::chrono::milliseconds{100},
                                .max_delay = std::chrono::milliseconds{1'000},
                                .reset_after = std::chrono::milliseconds{10'000}};
    std::chrono::milliseconds connect_timeout{2'000}; ///< for one attempt
    std::chrono::milliseconds ping_interval{
        10'000}; ///< a broker that answers two pings in a row with nothing is given up

    std::size_t max_outgoing = std::size_t{8} << 20; ///< bytes that wait while the broker is away or slow
    std::size_t max_incoming = std::size_t{8} << 20; ///< bytes that wait while the shard is busy
};

/// Makes the connection of topics to NATS, over which the processes of a service share their messages.
///
///     const std::shared_ptr<topic_bridge> bridge = nats("nats://127.0.0.1:4222", {.name = "chat"});
///
/// `url` is `nats://[USER:PASSWORD@]HOST[:PORT]` or `tls://…`, or several of them, separated by commas: the servers of one
/// cluster. Those that the cluster announces are used, too.
///
/// Subjects: `/` in the name of a topic becomes `.`; letters, digits, `_` and `-` stay; every other byte becomes `%` and two
/// hexadecimal digits, and an empty part `%`. So no name is a wildcard, and two names never share a subject:
///
///     topic     room/1            a*b.c              a//b
///     subject   fairlead.room.1   fairlead.a%2Ab%2Ec   fairlead.a.%.b
///
/// A message has the header `Fairlead-Origin`, which numbers the messages of one process and topic. So a receiver counts those
/// that it misses. Other programs may leave it out; their losses are not counted.
///
/// A broker that is away, also at the start, is looked for until the program ends; the log says so. Messages that are published
/// meanwhile wait, up to `max_outgoing` bytes; `publish` refuses others with `errc::refused_by_limit`. NATS delivers at most once:
/// a message that was on its way is lost. The subscribers are told how many messages were lost, or 0 if that is not known, as
/// after the connection was away.
///
/// The shard waits for the socket. A thread of its own sends; messages that arrive pass through the delivery thread of nats.c.
/// With TLS nats.c waits for the socket on a thread of its own, because it would block the shard inside of a record.
///
/// Errors: throws std::invalid_argument for an option that cannot work, a file that cannot be read, credentials without a JWT or a
/// seed, and in a build without NATS.
/// Lifetime: its destructor waits for an attempt to connect, and up to half a second for messages that are on their way out.
std::shared_ptr<topic_bridge> nats(std::string_view url, const nats_options& options = {});

} // namespace fairlead
