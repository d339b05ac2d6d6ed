#include "answer_check.hpp"

#include "quantity.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/printable.hpp>

#include <stdexcept>
#include <string>

namespace fairlead::command {

namespace {

// Keeps the last message sent to it, also one that the framing cannot carry.
class recording_peer final : public peer {
public:
    result<void> send(bytes_view message) override {
        sent = to_string(message);
        return {};
    }
    void close() override {}
    endpoint remote() const override { return {}; }

    std::string sent;
};

std::string shown(const std::string& answer) {
    constexpr std::size_t most = 40;
    if (answer.size() <= most)
        return "'" + printable(bytes_view{answer}) + "'";
    return "of " + count(answer.size(), "byte", "bytes");
}

void require_some(const message_handler& answers, const framing& rules, std::size_t size, const std::string& carrier,
                  const std::string& advice) {
    std::string why;
    for (const std::string& message : {std::string{}, std::string(size, 'x')}) {
        if (try_to_encode(rules, message))
            continue; // no client can send it
        recording_peer asker;
        answers(message, asker);
        if (!try_to_encode(rules, asker.sent))
            return;
        why = carrier + " cannot carry the answer " + shown(asker.sent);
    }
    if (!why.empty())
        throw std::invalid_argument{why + "; " + advice};
}

} // namespace

error_code try_to_encode(framing rules, bytes_view message) {
    byte_buffer output;
    const auto encoded = rules.encode(message, output);
    return encoded ? error_code{} : encoded.error();
}

void require_sendable_answers(const message_handler& answers, const framing& rules) {
    const std::string name = rules.to_string();
    const std::string fixed = "fixed:";
    const std::size_t only_size = name.starts_with(fixed) ? parse_size(name.substr(fixed.size())) : 1;
    require_some(answers, rules, only_size, "framing " + name, "choose another answer, --framing or --max-message");
}

void require_answers_for_datagrams(const message_handler& answers) {
    constexpr std::size_t most = 65'507;
    require_some(answers, raw{{.max_message = most}}, 1, "a datagram", "choose a shorter one");
}

} // namespace fairlead::command
