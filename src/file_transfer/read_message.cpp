#include "base/utf8.hpp"
#include "file_transfer/control_fields.hpp"
#include "file_transfer/message.hpp"
#include "framing/integer.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace fairlead::file_transfer {

namespace {

constexpr std::size_t max_resume = 128;
constexpr std::uint64_t any_number = std::numeric_limits<std::uint64_t>::max();

bool is_resume(std::string_view text) noexcept {
    static constexpr std::string_view others = "0123456789-_";
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || others.find(c) != std::string_view::npos;
    };
    return !text.empty() && text.size() <= max_resume && std::ranges::all_of(text, allowed);
}

// Takes the fields of a message, and remembers what was wrong first; then the message is not used.
class field_reader {
public:
    explicit field_reader(control_fields fields) : fields_{std::move(fields)} {}

    std::string& fault() noexcept { return fault_; }
    bool has(std::string_view name) const { return fields_.contains(name); }

    std::uint64_t number(std::string_view name, std::uint64_t least = 0, std::uint64_t most = any_number) {
        const std::uint64_t* value = find<std::uint64_t>(name, "an integer");
        if (!value)
            return 0;
        if (*value < least || *value > most)
            fail(name, " must be from " + std::to_string(least) + " to " + std::to_string(most));
        return *value;
    }

    file_id id(file_id least = 1) {
        return static_cast<file_id>(number("id", least, std::numeric_limits<file_id>::max()));
    }

    bool flag(std::string_view name) {
        const bool* value = find<bool>(name, "true or false");
        return value && *value;
    }

    std::string text(std::string_view name) {
        std::string* value = find<std::string>(name, "a string");
        return value ? std::move(*value) : std::string{};
    }

    digest hash() {
        const std::optional<digest> value = digest::parse(text("hash"));
        if (!value)
            fail("hash", " must be 32 lower-case hexadecimal digits");
        return value.value_or(digest{});
    }

    std::string resume() {
        std::string value = text("resume");
        if (!is_resume(value))
            fail("resume", " must be 1 to 128 letters, digits, - or _");
        return value;
    }

    void fail(std::string_view name, std::string_view why) {
        if (fault_.empty())
            fault_.append(name).append(why);
    }

private:
    template <class Value>
    Value* find(std::string_view name, std::string_view kind) {
        const auto found = fields_.find(name);
        if (found == fields_.end()) {
            fail(name, " is missing");
            return nullptr;
        }
        Value* value = std::get_if<Value>(&found->second);
        if (!value)
            fail(name, " must be " + std::string{kind});
        return value;
    }

    control_fields fields_;
    std::string fault_;
};

offer read_offer(field_reader& from) {
    offer what;
    what.id = from.id();
    what.name = from.text("name");
    if (from.has("size"))
        what.size = from.number("size");
    if (from.has("hash"))
        what.hash = from.hash();
    if (from.has("mtime_ns"))
        what.mtime_ns = static_cast<std::int64_t>(from.number("mtime_ns", 0, std::numeric_limits<std::int64_t>::max()));
    if (from.has("resume"))
        what.resume = from.resume();
    return what;
}

finish read_finish(field_reader& from) {
    finish what{.id = from.id()};
    if (from.has("size"))
        what.size = from.number("size");
    if (from.has("hash"))
        what.hash = from.hash();
    return what;
}

accept read_accept(field_reader& from) {
    accept what;
    what.id = from.id();
    what.offset = from.number("offset");
    if (what.offset != 0 || from.has("hash"))
        what.hash = from.hash();
    what.chunk = from.number("chunk", 1);
    return what;
}

stored read_stored(field_reader& from) {
    stored what;
    what.id = from.id();
    what.name = from.text("name");
    what.size = from.number("size");
    what.hash = from.hash();
    what.durable = from.flag("durable");
    return what;
}

refusal read_refusal(field_reader& from, bool accepted) {
    refusal what{.id = from.id(0), .accepted = accepted};
    what.code = parse_refusal_code(from.text("code")).value_or(refusal_code::refused);
    what.reason = cut_between_characters(from.text("reason"), max_reason);
    what.retry = from.flag("retry");
    what.kept = from.number("kept");
    return what;
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

// The id of a message that is unreadable for other reasons.
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
    std::optional<message> what = read_body(from, type);
    if (!what)
        from.fail("type", " is not known: " + escape(type, 32));
    if (!from.fault().empty())
        return unreadable{.reason = (type.empty() ? "" : escape(type, 32) + ": ") + from.fault(), .id = id};
    return std::move(*what);
}

std::variant<message, unreadable> read_piece(bytes_view bytes) {
    constexpr auto big = std::endian::big;
    if (bytes.size() < piece_header_size)
        return unreadable{.reason = "a piece of fewer bytes than its header"};
    piece what;
    what.id = static_cast<file_id>(load_integer(bytes.data() + 1, 4, big));
    what.offset = load_integer(bytes.data() + 5, 8, big);
    what.check = load_integer(bytes.data() + 13, 8, big);
    what.bytes = bytes.from(piece_header_size);
    if (what.id == 0)
        return unreadable{.reason = "a piece of file 0"};
    if (what.bytes.empty())
        return unreadable{.reason = "a piece of no bytes", .id = what.id};
    if (what.offset > any_number - what.bytes.size())
        return unreadable{.reason = "a piece that ends behind 2^64 bytes", .id = what.id};
    return what;
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
