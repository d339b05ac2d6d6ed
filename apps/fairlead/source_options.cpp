#include "source_options.hpp"

#include "options.hpp"
#include "quantity.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/fixed_size.hpp>
#include <fairlead/framing/websocket.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace fairlead::command {

namespace {

constexpr std::size_t probe = 64 * 1024; // bytes of a message that stand for all of it

// A framing that divides messages says it from their size alone. Others hold the whole message in memory, up to max_message.
error_code why_not_carried(framing& rules, std::size_t size) {
    byte_buffer output;
    if (const auto* const frames = rules.target<websocket>())
        return size > frames->max_in_parts() ? make_error_code(errc::message_too_large) : error_code{};
    if (rules.divides_messages()) {
        const auto begun = rules.begin_message(size, output);
        return begun ? error_code{} : begun.error();
    }
    if (rules.max_message() != 0 && size > rules.max_message())
        return errc::message_too_large;
    if (const auto* const fixed = rules.target<fixed_size>())
        return fixed->max_message() == size ? error_code{} : make_error_code(errc::malformed);
    const auto encoded = rules.encode(std::string(std::min(size, probe), '\0'), output);
    return encoded ? error_code{} : encoded.error();
}

bool divides_at_bytes(const framing& rules) {
    return rules.target<line>() || rules.target<delimited>();
}

} // namespace

void source_settings::check(framing rules) const {
    if (size == 0)
        throw std::invalid_argument{"--size 0: a source sends messages of 1 byte or more"};
    const std::string name = rules.to_string();
    if (is_random() && (divides_at_bytes(rules) || name == "websocket:text"))
        throw std::invalid_argument{"framing " + name +
                                    " cannot carry random bytes; use length, varint or raw, or --content zero"};
    const error_code why = why_not_carried(rules, size);
    if (why == errc::message_too_large)
        throw std::invalid_argument{"--size " + to_text(size) + " is more than --max-message or framing " + name +
                                    " can carry; lower it, raise --max-message, or use length:8, varint, raw "
                                    "or ws://, which pass messages in parts"};
    if (why)
        throw std::invalid_argument{"framing " + name + " cannot carry the messages of --size " + to_text(size) +
                                    " and --content " + content + "; choose other ones, or length:8, varint or raw"};
}

void add_source_options(CLI::App& command, source_settings& options) {
    add_size(command, "--size", options.size,
             wrapped("of each message, up to many GiB; messages pass in parts with length, varint, raw and ws://"));
    add_count(command, "--messages", options.messages, "number of messages for each client; 0: until it leaves");
    command
        .add_option("--content", options.content,
                    wrapped("bytes of the messages: zero, or random, which is one block of 64 KiB made at the start "
                            "and repeated"))
        ->check(CLI::IsMember({"zero", "random"}))
        ->type_name("NAME")
        ->capture_default_str();
}

} // namespace fairlead::command
