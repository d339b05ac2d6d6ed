#include <fairlead/websocket.hpp>

namespace fairlead {

namespace {

class close_category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "websocket"; }

    std::string message(int value) const override {
        const auto code = static_cast<websocket_close>(value);
        return "the peer closed the WebSocket with " + std::to_string(value) + " (" + std::string{to_string(code)} +
               ")" + advice(code);
    }

private:
    static const char* advice(websocket_close code) {
        switch (code) {
        case websocket_close::protocol_error:
            return ": it takes our frames for wrong; a proxy between may have changed them";
        case websocket_close::unsupported:
            return ": it does not accept messages of this kind; send text instead of binary, or binary instead of text";
        case websocket_close::not_utf8: return ": a text message was not UTF-8; send it as binary";
        case websocket_close::policy_violation: return ": it refuses what we do; its log may say why";
        case websocket_close::message_too_large: return ": a message is too large for it; send less in one";
        case websocket_close::missing_extension: return ": it needs an extension that this side does not have";
        case websocket_close::internal_error:
        case websocket_close::bad_gateway: return ": it failed; its log may say why";
        case websocket_close::restarting:
        case websocket_close::try_again_later: return ": connect again later";
        default: return "";
        }
    }
};

} // namespace

std::string_view to_string(websocket_close value) noexcept {
    switch (value) {
    case websocket_close::normal: return "normal";
    case websocket_close::going_away: return "going_away";
    case websocket_close::protocol_error: return "protocol_error";
    case websocket_close::unsupported: return "unsupported";
    case websocket_close::not_utf8: return "not_utf8";
    case websocket_close::policy_violation: return "policy_violation";
    case websocket_close::message_too_large: return "message_too_large";
    case websocket_close::missing_extension: return "missing_extension";
    case websocket_close::internal_error: return "internal_error";
    case websocket_close::restarting: return "restarting";
    case websocket_close::try_again_later: return "try_again_later";
    case websocket_close::bad_gateway: return "bad_gateway";
    }
    return "unknown";
}

const boost::system::error_category& websocket_category() noexcept {
    static const close_category instance;
    return instance;
}

} // namespace fairlead
