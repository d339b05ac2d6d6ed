#include <fairlead/error.hpp>

#include <netdb.h>

namespace fairlead {

namespace {

class category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "fairlead"; }

    std::string message(int value) const override {
        switch (static_cast<errc>(value)) {
        case errc::closed: return "the connection is closed; open a new one";
        case errc::truncated: return "the peer ended the stream inside a message; ask it to send the message again";
        case errc::message_too_large:
            return "the message is too large for the framing or for a datagram; raise max_message on both ends, or "
                   "send "
                   "less";
        case errc::malformed: return "the bytes do not follow the framing; check that both ends use the same framing";
        case errc::send_queue_full:
            return "the peer reads too slowly, so its send queue is full; wait with flush(), or send less";
        case errc::stopping: return "the server is stopping; finish and connect again later";
        case errc::first_message_timeout:
            return "no whole message arrived in time after the connection was made; send one sooner, or raise "
                   "first_message_timeout";
        case errc::message_timeout:
            return "the message was not complete in time; send faster, send smaller messages, or raise message_timeout";
        case errc::idle_timeout:
            return "no byte was sent or received for too long; send a message from time to time, or raise idle_timeout";
        case errc::write_timeout:
            return "the peer took none of its replies for too long; it must read its replies, or raise write_timeout";
        case errc::handler_timeout:
            return "the handler did not finish with a message in time; find out why it waits, or raise handler_timeout";
        case errc::timed_out: return "the time limit passed; try again, or wait longer";
        case errc::no_reply:
            return "the message was written, but no reply arrived in time, and the peer may have acted on it; send it "
                   "again only if that does no harm, or wait longer";
        case errc::connection_lost:
            return "the message was written, but the connection ended before the reply, and the peer may have acted on "
                   "it; send it again only if that does no harm";
        case errc::refused_by_limit:
            return "a limit forbids it; the statistics show which one, raise it if it is too low";
        case errc::connect_timeout:
            return "no connection was made in time; check the address, check that the server runs, or wait longer";
        case errc::login_timeout:
            return "the connection was made, but on_connected did not end in time; check that the server answers the "
                   "login, or raise connect_options::deadline";
        case errc::upgrade_refused:
            return "the server did not accept WebSocket; check the path of the URL and see the log for its answer";
        case errc::would_block: return "nothing can be read or written now; wait until the stream is ready";
        }
        return "unknown fairlead error " + std::to_string(value);
    }
};

class names_category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "getaddrinfo"; }
    std::string message(int value) const override { return ::gai_strerror(value); }
};

} // namespace

std::string_view to_string(errc value) noexcept {
    switch (value) {
    case errc::closed: return "closed";
    case errc::truncated: return "truncated";
    case errc::message_too_large: return "message_too_large";
    case errc::malformed: return "malformed";
    case errc::send_queue_full: return "send_queue_full";
    case errc::stopping: return "stopping";
    case errc::would_block: return "would_block";
    case errc::first_message_timeout: return "first_message_timeout";
    case errc::message_timeout: return "message_timeout";
    case errc::idle_timeout: return "idle_timeout";
    case errc::write_timeout: return "write_timeout";
    case errc::handler_timeout: return "handler_timeout";
    case errc::timed_out: return "timed_out";
    case errc::no_reply: return "no_reply";
    case errc::connection_lost: return "connection_lost";
    case errc::refused_by_limit: return "refused_by_limit";
    case errc::connect_timeout: return "connect_timeout";
    case errc::login_timeout: return "login_timeout";
    case errc::upgrade_refused: return "upgrade_refused";
    }
    return "unknown";
}

const boost::system::error_category& error_category() noexcept {
    static const category instance;
    return instance;
}

const boost::system::error_category& resolver_category() noexcept {
    static const names_category instance;
    return instance;
}

} // namespace fairlead
