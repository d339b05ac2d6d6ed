#pragma once

#include "file_transfer/digest.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::file_transfer {

/// Writes the fields of one control message, in the order of the calls, as a JSON object.
///
/// It holds only the text: the values of nlohmann::json allocate memory in their
/// destructors, and end the process if there is none.
class field_writer {
public:
    field_writer(std::string_view type, std::uint64_t id);
    explicit field_writer(std::string_view type);

    void number(std::string_view name, std::uint64_t value);
    void flag(std::string_view name, bool value);
    void text(std::string_view name, std::string_view value); ///< bytes that are not UTF-8 are replaced by U+FFFD
    void hash(std::string_view name, const digest& value);
    void list_of_one(std::string_view name, std::uint64_t value);

    /// Returns the message. The last call.
    std::string take() &&;

private:
    void begin(std::string_view name);

    std::string text_;
};

} // namespace fairlead::file_transfer
