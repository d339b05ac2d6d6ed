#include "file_transfer/control_fields.hpp"

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <utility>

namespace fairlead::file_transfer {

namespace {

constexpr std::size_t max_depth = 16;

// Receives the values one by one: nested values are not stored, and nesting does not recurse.
class collector final : public nlohmann::json_sax<nlohmann::json> {
public:
    bool null() override { return keep(other_value{}); }
    bool boolean(bool value) override { return keep(value); }
    bool number_integer(number_integer_t) override { return keep(other_value{}); }
    bool number_unsigned(number_unsigned_t value) override { return keep(std::uint64_t{value}); }
    bool number_float(number_float_t, const string_t&) override { return keep(other_value{}); }
    bool string(string_t& value) override { return keep(std::move(value)); }
    bool binary(binary_t&) override { return keep(other_value{}); }
    bool start_object(std::size_t) override { return enter(); }
    bool end_object() override { return leave(); }
    bool start_array(std::size_t) override { return enter(); }
    bool end_array() override { return leave(); }

    bool key(string_t& name) override {
        if (depth_ > 1)
            return true;
        const auto [place, added] = fields_.try_emplace(std::move(name));
        field_ = &place->second;
        return added || fail("a field is there twice");
    }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
        return fail("no JSON at byte " + std::to_string(position));
    }

    bool fail(std::string why) {
        fault_ = std::move(why);
        return false;
    }

    std::variant<control_fields, std::string> result() && {
        if (!fault_.empty())
            return std::move(fault_);
        return std::move(fields_);
    }

private:
    bool keep(field value) {
        if (depth_ == 1)
            *field_ = std::move(value);
        return true;
    }

    bool enter() {
        if (depth_ == max_depth)
            return fail("nested too deeply");
        ++depth_;
        return true;
    }

    bool leave() {
        --depth_;
        return true;
    }

    control_fields fields_;
    field* field_ = nullptr;
    std::size_t depth_ = 0;
    std::string fault_;
};

} // namespace

std::variant<control_fields, std::string> read_control_fields(bytes_view text) {
    if (text.empty() || text[0] != '{')
        return "no JSON object";
    if (std::ranges::find(text, 0) != text.end()) // the parser would take it for the end of the text
        return "a NUL byte in JSON";
    collector fields;
    nlohmann::json::sax_parse(text.begin(), text.end(), &fields);
    return std::move(fields).result();
}

} // namespace fairlead::file_transfer
