#pragma once

#include <fairlead/api.hpp>
#include <fairlead/file_transfer/receiver_options.hpp>
#include <fairlead/handler.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace FAIRLEAD_API fairlead {

namespace file_transfer {
struct receiver_state;
}

/// A session handler that receives files into one directory (docs/file-transfer.md); give it to `server::listen`.
///
///     server.listen("tcp://[::]:9000", length_prefixed{}, file_receiver{{.directory = "/srv/incoming"}});
///
/// A file gets its name when it is whole, checked and on the disk, and not before; what was cut short is kept under
/// `.incoming` in the directory, where its sender goes on. Nothing outside the directory is touched, whatever names are
/// sent. The work on the disk is done on threads for blocking work, and never holds up a shard.
///
/// A process with a limit on the size of its files (RLIMIT_FSIZE) must ignore SIGXFSZ, as `server::run` has it.
///
/// Copies are the same receiver. Thread safety: any thread. Errors: the constructor throws std::invalid_argument for
/// options that make no sense, and boost::system::system_error, whose `what()` names the directory, when it cannot be
/// opened or written to.
class file_receiver {
public:
    explicit file_receiver(file_receiver_options options); ///< opens the directory

    /// Receives files from one peer until its session ends.
    boost::asio::awaitable<void> operator()(session& peer) const;

    file_receiver_statistics statistics() const; ///< returns what this receiver and its copies have done

private:
    friend class plain_file_receiver;
    std::shared_ptr<file_transfer::receiver_state> state_;
};

/// Receives one file over each connection as many tutorials send it: a name, a separator, the size in decimal, and behind
/// it the bytes, until the sender ends the stream. To be given to `server::listen` with the framing `raw`.
///
///     a.txt<SEPARATOR>5hello
///
/// Where the file begins with digits, the end of the stream tells which of them are the size. The name of a path is its
/// last component. Everything else is as for a `file_receiver`; there are no replies, and nothing is resumed.
class plain_file_receiver {
public:
    /// Opens the directory; `separator` divides the name and the size.
    explicit plain_file_receiver(file_receiver_options options, std::string separator = "<SEPARATOR>");

    boost::asio::awaitable<void> operator()(session& peer) const; ///< receives one file from one peer

    /// Returns what this receiver and its copies have done.
    file_receiver_statistics statistics() const { return files_.statistics(); }

private:
    file_receiver files_;
    std::string separator_;
};

} // namespace fairlead
