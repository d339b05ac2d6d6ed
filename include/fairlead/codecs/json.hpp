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
/// Errors: `decode` throws `malformed_message` for text that is no JSON, and for JSON that is no `T`. The program links
/// nlohmann_json::nlohmann_json.
template <class T>
struct json_codec {
    using value_type = T;

    T decode(bytes_view message) const {
        try {
            return nlohmann::json::parse(message.begin(), message.end()).template get<T>();
        } catch (const nlohmann::json::exception& wrong) {
            throw malformed_message{wrong.what()};
        }
    }

    void encode(const T& value, std::string& message) const {
        message += nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
};

} // namespace fairlead
