#include <fairlead/error.hpp>

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
            return "the message is larger than the framing allows; raise max_message on both ends or send less";
        case errc::malformed: return "the bytes do not fit the framing; check that both ends use the same one";
        case errc::send_queue_full:
            return "the peer reads too slowly and its send queue is full; wait with flush() or send less";
        case errc::stopping: return "the server is stopping; finish and connect again later";
        case errc::would_block: return "nothing can be read or written now; wait until the stream is ready";
        }
        return "unknown fairlead error " + std::to_string(value);
    }
};

} // namespace

const boost::system::error_category& error_category() noexcept {
    static const category instance;
    return instance;
}

} // namespace fairlead
