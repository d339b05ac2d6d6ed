#pragma once

#include <fairlead/api.hpp>
#include <fairlead/error.hpp>
#include <fairlead/file_transfer/receiver_options.hpp>
#include <fairlead/handler.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace FAIRLEAD_API fairlead {

namespace file_transfer {
struct receiver_state;
}

/// A session handler that receives files into one directory (docs/file-transfer.md); give it to `server::listen`.
///
///     server.listen("tcp://[::]:9000", length_prefixed{}, file_receiver{{.directory = "/srv/incoming"}});
///
/// A file appears under its name only when it is complete, checked and, unless `durable` is false, on the disk. A partial file
/// is kept under `.incoming` in the directory, where its sender can resume. No file outside the directory is touched, for any
/// name. Work on the disk runs on threads for blocking work and never blocks a shard.
///
/// A process with a limit on the size of files (RLIMIT_FSIZE) must ignore SIGXFSZ, as `server::run` does.
///
/// A session handler of your own can receive other messages first, such as a login, and then await a receiver for the files:
///
///     boost::asio::awaitable<void> receive(session& session, const std::map<std::string, file_receiver, std::less<>>& users) {
///         const auto token = co_await session.receive();
///         const auto user = token ? users.find(token->text()) : users.end();
///         if (user != users.end())
///             co_await user->second(session);         // also gets files sent right behind the token
///         else
///             file_receiver::refuse(session, "unknown token");
///     }
///
/// Copies share one receiver. It has a thread, which removes old partial files, and reserves `max_uploads` + 8 descriptors, so
/// that a server has fewer for sessions.
///
/// Errors: the constructor throws std::invalid_argument for invalid options, and boost::system::system_error, whose `what()`
/// names the directory, if it cannot be opened or written to.
/// Thread safety: the constructor, which blocks, and `statistics` from any thread; a call on the thread of its session.
class file_receiver {
public:
    explicit file_receiver(file_receiver_options options); ///< opens the directory

    boost::asio::awaitable<void> operator()(session& peer) const; ///< receives the files of one session

    file_receiver_statistics statistics() const; ///< a snapshot of the counters

    /// Tells a sender of files why none of its files is received. Let the handler return then. `fairlead send` and `send_files`
    /// report the reason with the code `refused`, and do not try again.
    ///
    ///     file_receiver::refuse(session, "unknown token");
    ///
    /// Errors: as `peer::send`. Thread safety: the thread of the session.
    static result<void> refuse(session& peer, std::string_view reason);

private:
    std::shared_ptr<file_transfer::receiver_state> state_;
};

/// A session handler that receives one file from each connection, in the form of many tutorials: a name, a separator, the size
/// in decimal digits, then the bytes, until the sender ends the stream. Pass it to `server::listen` with the framing `raw`.
///
///     a.txt<SEPARATOR>5hello
///
///     server.listen("tcp://[::]:9000", raw{}, plain_file_receiver{{.directory = "/srv/incoming"}});
///
/// If the content begins with digits, the total number of bytes decides where the size ends. The name of a path is its
/// last component. There are no replies, and uploads cannot be resumed; otherwise it works as `file_receiver`.
class plain_file_receiver {
public:
    /// Opens the directory; `separator` divides the name and the size. Errors: as `file_receiver`; throws std::invalid_argument
    /// if `separator` is empty.
    explicit plain_file_receiver(file_receiver_options options, std::string separator = "<SEPARATOR>");

    boost::asio::awaitable<void> operator()(session& peer) const; ///< receives the file of one session

    file_receiver_statistics statistics() const; ///< a snapshot of the counters

private:
    std::shared_ptr<file_transfer::receiver_state> state_;
    std::string separator_;
};

} // namespace fairlead
