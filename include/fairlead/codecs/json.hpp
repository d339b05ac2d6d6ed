#pragma once

#include <fairlead/api.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/malformed_message.hpp>

#include <nlohmann/json.hpp>

#include <string>

namespace FAIRLEAD_API fairlead {

/// A codec of JSON for any type that nlohmann-json converts (`NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE`), or for nlohmann::json itself.
///
///     struct order { int id; std::string article; };
///     NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(order, id, article)
///
///     server.listen("tcp://127.0.0.1:9000", line{}, typed(json_codec<order>{}, take));
///
/// Text without line breaks is written, so `line{}` can carry it. Bytes that are not UTF-8 are written as U+FFFD.
///
/// Errors: `decode` throws `malformed_message` for text that is no JSON, for JSON that is no `T`, and for more than 128 levels of
/// it. The program links nlohmann_json::nlohmann_json.
template <class T>
struct json_codec {
    using value_type = T; ///< the type of its values

    /// Returns the value of a text.
    T decode(bytes_view message) const {
        try {
            return nlohmann::json::parse(message.begin(), message.end(), limit_depth).template get<T>();
        } catch (const nlohmann::json::exception& wrong) {
            throw malformed_message{wrong.what()};
        }
    }

    /// Appends the text of a value.
    void encode(const T& value, std::string& message) const {
        message += nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }

private:
    // A copy of a deep tree takes a part of the stack for each level.
    static bool limit_depth(int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
        if (depth >= 128)
            throw malformed_message{"the JSON has more than 128 levels"};
        return true;
    }
};

} // namespace fairlead
