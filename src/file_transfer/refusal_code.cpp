#include "file_transfer/message.hpp"

#include <algorithm>
#include <array>

namespace fairlead::file_transfer {

namespace {

struct row {
    refusal_code code;
    std::string_view name;
    bool retry;
};

constexpr std::array<row, 14> rows{{
    {refusal_code::version, "version", false},
    {refusal_code::name, "name", false},
    {refusal_code::exists, "exists", false},
    {refusal_code::size, "size", false},
    {refusal_code::quota, "quota", true},
    {refusal_code::busy, "busy", true},
    {refusal_code::space, "space", true},
    {refusal_code::refused, "refused", false},
    {refusal_code::content, "content", false},
    {refusal_code::hash, "hash", true},
    {refusal_code::slow, "slow", true},
    {refusal_code::superseded, "superseded", false},
    {refusal_code::storage, "storage", true},
    {refusal_code::protocol, "protocol", false},
}};

const row& row_of(refusal_code code) noexcept {
    return *std::ranges::find(rows, code, &row::code);
}

} // namespace

std::string_view to_string(refusal_code code) noexcept {
    return row_of(code).name;
}

std::optional<refusal_code> parse_refusal_code(std::string_view text) noexcept {
    const auto found = std::ranges::find(rows, text, &row::name);
    if (found == rows.end())
        return {};
    return found->code;
}

bool worth_retrying(refusal_code code) noexcept {
    return row_of(code).retry;
}

} // namespace fairlead::file_transfer
