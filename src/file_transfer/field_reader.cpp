#include "file_transfer/field_reader.hpp"

#include <algorithm>
#include <utility>

namespace fairlead::file_transfer {

namespace {

constexpr std::size_t max_resume = 128;

bool is_resume(std::string_view text) noexcept {
    static constexpr std::string_view others = "0123456789-_";
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || others.find(c) != std::string_view::npos;
    };
    return !text.empty() && text.size() <= max_resume && std::ranges::all_of(text, allowed);
}

} // namespace

field_reader::field_reader(control_fields fields) : fields_{std::move(fields)} {}

void field_reader::fail(std::string_view name, std::string_view why) {
    if (fault_.empty())
        fault_.append(name).append(why);
}

template <class Value>
Value* field_reader::find(std::string_view name, std::string_view kind) {
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

std::uint64_t field_reader::number(std::string_view name, std::uint64_t least, std::uint64_t most) {
    const std::uint64_t* value = find<std::uint64_t>(name, "an integer");
    if (!value)
        return 0;
    if (*value < least || *value > most)
        fail(name, " must be from " + std::to_string(least) + " to " + std::to_string(most));
    return *value;
}

bool field_reader::flag(std::string_view name) {
    const bool* value = find<bool>(name, "true or false");
    return value && *value;
}

std::string field_reader::text(std::string_view name) {
    std::string* value = find<std::string>(name, "a string");
    return value ? std::move(*value) : std::string{};
}

file_id field_reader::id(file_id least) {
    return static_cast<file_id>(number("id", least, std::numeric_limits<file_id>::max()));
}

digest field_reader::hash() {
    const std::optional<digest> value = digest::parse(text("hash"));
    if (!value)
        fail("hash", " must be 32 lower-case hexadecimal digits");
    return value.value_or(digest{});
}

std::string field_reader::resume() {
    std::string value = text("resume");
    if (!is_resume(value))
        fail("resume", " must be 1 to 128 letters, digits, - or _");
    return value;
}

} // namespace fairlead::file_transfer
