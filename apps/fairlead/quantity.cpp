#include "quantity.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>
#include <stdexcept>

namespace fairlead::command {

namespace {

struct unit {
    std::string_view name;
    std::size_t factor;
};

// The first of a factor is the one that is written; an empty name stands for no unit.
constexpr unit size_units[] = {
    {"TiB", 1ull << 40}, {"TB", 1ull << 40}, {"T", 1ull << 40}, {"GiB", 1u << 30}, {"GB", 1u << 30},
    {"G", 1u << 30},     {"MiB", 1u << 20},  {"MB", 1u << 20},  {"M", 1u << 20},   {"KiB", 1u << 10},
    {"KB", 1u << 10},    {"K", 1u << 10},    {"", 1},           {"B", 1},
};
constexpr unit duration_units[] = {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"", 1'000}, {"ms", 1}};

bool same_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

struct value_range {
    double largest;
    const char* most;  // `largest`, as one would write it
    const char* least; // one of the smallest unit
};

constexpr value_range of_sizes{1ull << 53, "8192TiB", "1 byte"};            // beyond it a double skips numbers
constexpr value_range of_durations{366.0 * 24 * 3'600'000, "8784h", "1ms"}; // clocks can still add it to now

// A number of the smallest unit. More than nothing never becomes 0, for 0 has meanings of its own.
std::optional<std::size_t> parse(std::string_view text, std::span<const unit> units, const value_range& within) {
    double number = 0;
    const char* const text_end = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), text_end, number, std::chars_format::fixed);
    const std::string_view name{end, static_cast<std::size_t>(text_end - end)};
    const auto known = std::ranges::find_if(units, [name](const unit& each) { return same_name(each.name, name); });
    if (error != std::errc{} || known == units.end())
        return {};
    const double value = number * static_cast<double>(known->factor);
    if (!(value >= 0))
        return {};
    if (value > within.largest)
        throw std::invalid_argument{"'" + std::string{text} + "' is more than " + within.most +
                                    ", the most that can be set"};
    if (value > 0 && value < 1)
        throw std::invalid_argument{"'" + std::string{text} + "' is more than 0 and less than " + within.least +
                                    ", the least that can be set; write 0, or " + within.least + " or more"};
    return static_cast<std::size_t>(std::llround(value));
}

std::string write(std::size_t value, std::span<const unit> units) {
    const auto fits = [value](const unit& each) { return value % each.factor == 0 && value >= each.factor; };
    const auto best = std::ranges::find_if(units, fits);
    return best == units.end() ? "0" : std::to_string(value / best->factor) + std::string{best->name};
}

} // namespace

std::size_t parse_count(std::string_view text) {
    constexpr std::size_t largest = 1'000'000'000;
    std::size_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error == std::errc{} && end == text.data() + text.size() && count <= largest)
        return count;
    throw std::invalid_argument{"'" + std::string{text} + "' is not a number from 0 to " + std::to_string(largest)};
}

std::size_t parse_size(std::string_view text) {
    if (const auto size = parse(text, size_units, of_sizes))
        return *size;
    throw std::invalid_argument{"'" + std::string{text} +
                                "' is not a size; write bytes, or a number with KiB, MiB, GiB or TiB, such as 64KiB"};
}

std::chrono::milliseconds parse_duration(std::string_view text) {
    if (const auto duration = parse(text, duration_units, of_durations))
        return std::chrono::milliseconds{*duration};
    throw std::invalid_argument{"'" + std::string{text} +
                                "' is not a duration; write seconds, or a number with ms, s, m or h, such as 500ms"};
}

std::string to_text(std::size_t size) {
    return write(size, size_units);
}

std::string to_text(std::chrono::milliseconds duration) {
    return write(static_cast<std::size_t>(duration.count()), duration_units);
}

std::string count(std::uint64_t number, const std::string& one, const std::string& many) {
    return (number == 0 ? "no" : std::to_string(number)) + " " + (number < 2 ? one : many);
}

::mode_t parse_mode(std::string_view text) {
    ::mode_t mode = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
    if (error != std::errc{} || end != text.data() + text.size() || mode > 0777)
        throw std::invalid_argument{"'" + std::string{text} +
                                    "' is not a mode; write permissions in octal, 0 to 0777, such as 0660"};
    return mode;
}

} // namespace fairlead::command
