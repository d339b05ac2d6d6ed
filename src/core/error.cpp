#include <fairlead/error.hpp>

#include <netdb.h>

namespace fairlead {

namespace {

class category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "fairlead"; }

    std::string message(int value) const override {
        switch (static_cast<errc>(value)) {
        case errc::closed: return "the connection is closed; open a new one to go on";
        case errc::truncated: return "the peer ended the stream inside a message; ask it to send the message again";
        case errc::message_too_large:
            return "the message is larger than the framing, or a datagram, can carry; raise max_message on both ends "
                   "or send less";
        case errc::malformed: return "the bytes do not fit the framing; check that both ends use the same one";
        case errc::send_queue_full:
            return "the peer reads too slowly and its send queue is full; wait with flush() or send less";
        case errc::stopping: return "the server is stopping; finish and connect again later";
        case errc::first_message_timeout:
            return "no whole message came in time after the connection was made; send one sooner or raise "
                   "first_message_timeout";
        case errc::message_timeout:
            return "the message did not arrive whole in time; send faster, or smaller messages, or raise its deadline";
        case errc::idle_timeout:
            return "nothing was sent or received for too long; send something now and then, or raise the idle deadline";
        case errc::write_timeout:
            return "the peer took nothing of what was queued for it for too long; it must read what it asks for";
        case errc::handler_timeout: return "the handler did not finish with a message in time; see what it waits for";
        case errc::timed_out: return "it did not come in the time it was given; try again or wait longer";
        case errc::outcome_unknown:
            return "the message was written, but the connection broke or no reply came in time; ask the peer whether "
                   "it got it, or send it again if that does no harm";
        case errc::refused_by_limit:
            return "a limit forbids it; see which one in the statistics, and raise it if it is too low";
        case errc::connect_timeout:
            return "no connection was made in time; check the address and that the server runs, or wait longer";
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

const boost::system::error_category& error_category() noexcept {
    static const category instance;
    return instance;
}

const boost::system::error_category& resolver_category() noexcept {
    static const names_category instance;
    return instance;
}

} // namespace fairlead
