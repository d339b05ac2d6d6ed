#include "file_transfer/field_reader.hpp"
#include "file_transfer/in_quotes.hpp"
#include "file_transfer/message.hpp"
#include "framing/integer.hpp"

#include <fairlead/utf8.hpp>

#include <limits>
#include <utility>

namespace fairlead::file_transfer {

namespace {

constexpr std::uint64_t any_number = std::numeric_limits<std::uint64_t>::max();

offer read_offer(field_reader& from) {
    offer offered;
    offered.id = from.id();
    offered.name = from.text("name");
    if (from.has("size"))
        offered.size = from.number("size");
    if (from.has("hash"))
        offered.hash = from.hash();
    if (from.has("mtime_ns"))
        offered.mtime_ns =
            static_cast<std::int64_t>(from.number("mtime_ns", 0, std::numeric_limits<std::int64_t>::max()));
    if (from.has("resume"))
        offered.resume = from.resume();
    return offered;
}

finish read_finish(field_reader& from) {
    finish ending{.id = from.id()};
    if (from.has("size"))
        ending.size = from.number("size");
    if (from.has("hash"))
        ending.hash = from.hash();
    return ending;
}

accept read_accept(field_reader& from) {
    accept answer;
    answer.id = from.id();
    answer.offset = from.number("offset");
    if (answer.offset != 0 || from.has("hash"))
        answer.hash = from.hash();
    answer.chunk = from.number("chunk", 1);
    return answer;
}

stored read_stored(field_reader& from) {
    stored answer;
    answer.id = from.id();
    answer.name = from.text("name");
    answer.size = from.number("size");
    answer.hash = from.hash();
    answer.durable = from.flag("durable");
    return answer;
}

refusal read_refusal(field_reader& from, bool accepted) {
    refusal answer{.id = from.id(0), .accepted = accepted};
    answer.code = parse_refusal_code(from.text("code")).value_or(refusal_code::refused);
    answer.reason = cut_between_characters(from.text("reason"), max_reason);
    answer.retry = from.flag("retry");
    answer.kept = from.number("kept");
    return answer;
}

std::optional<message> read_body(field_reader& from, std::string_view type) {
    if (type == "offer")
        return read_offer(from);
    if (type == "finish")
        return read_finish(from);
    if (type == "abandon")
        return abandon{.id = from.id()};
    if (type == "accept")
        return read_accept(from);
    if (type == "again")
        return again{.id = from.id(), .offset = from.number("offset")};
    if (type == "stored")
        return read_stored(from);
    if (type == "reject" || type == "failed")
        return read_refusal(from, type == "failed");
    return {};
}

// Returns the id of a message, also of one that is unreadable for other reasons; 0 if it has none.
file_id id_in(const control_fields& fields) {
    const auto found = fields.find("id");
    const auto* value = found == fields.end() ? nullptr : std::get_if<std::uint64_t>(&found->second);
    return value && *value <= std::numeric_limits<file_id>::max() ? static_cast<file_id>(*value) : 0;
}

std::variant<message, unreadable> read_control(bytes_view bytes) {
    if (bytes.size() > max_control_message)
        return unreadable{.reason = "a control message of more than 65536 bytes"};
    auto parsed = read_control_fields(bytes);
    if (auto* why = std::get_if<std::string>(&parsed))
        return unreadable{.reason = std::move(*why)};
    auto& fields = std::get<control_fields>(parsed);
    const file_id id = id_in(fields);
    field_reader from{std::move(fields)};
    const std::string type = from.text("type");
    const bool is_offer = type == "offer";
    if (is_offer && from.number("version") != protocol_version && from.fault().empty())
        return unreadable{refusal_code::version, "a version that is not spoken here", id};
    std::optional<message> body = read_body(from, type);
    const std::string shown_type = body ? type : in_quotes(type, 32);
    if (!body)
        from.fail("type", " is not known: " + shown_type);
    if (!from.fault().empty())
        return unreadable{.reason = (type.empty() ? "" : shown_type + ": ") + from.fault(), .id = id};
    return std::move(*body);
}

std::variant<message, unreadable> read_piece(bytes_view bytes) {
    constexpr auto big = std::endian::big;
    if (bytes.size() < piece_header_size)
        return unreadable{.reason = "a piece of fewer bytes than its header"};
    piece part;
    part.id = static_cast<file_id>(load_integer(bytes.data() + 1, 4, big));
    part.offset = load_integer(bytes.data() + 5, 8, big);
    part.check = load_integer(bytes.data() + 13, 8, big);
    part.bytes = bytes.from(piece_header_size);
    if (part.id == 0)
        return unreadable{.reason = "a piece of file 0"};
    if (part.bytes.empty())
        return unreadable{.reason = "a piece of no bytes", .id = part.id};
    if (part.offset > any_number - part.bytes.size())
        return unreadable{.reason = "a piece that ends behind 2^64 bytes", .id = part.id};
    return part;
}

} // namespace

std::variant<message, unreadable> read_message(bytes_view bytes) {
    if (bytes.empty())
        return unreadable{.reason = "an empty message"};
    if (bytes[0] == piece_mark)
        return read_piece(bytes);
    if (bytes[0] == '{')
        return read_control(bytes);
    return unreadable{.reason = "neither JSON object nor piece: it begins with " + escape(bytes.first(1))};
}

} // namespace fairlead::file_transfer
