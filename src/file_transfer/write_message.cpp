#include "file_transfer/message.hpp"
#include "framing/integer.hpp"

#include <fairlead/utf8.hpp>

#include <nlohmann/json.hpp>

namespace fairlead::file_transfer {

namespace {

using json = nlohmann::ordered_json;

json object(const char* type, file_id id) {
    return {{"type", type}, {"id", id}};
}

json to_json(const offer& what) {
    json text{{"type", "offer"}, {"version", what.version}, {"id", what.id}, {"name", what.name}};
    if (what.size)
        text["size"] = *what.size;
    if (what.hash)
        text["hash"] = what.hash->to_string();
    if (what.mtime_ns && *what.mtime_ns >= 0)
        text["mtime_ns"] = *what.mtime_ns;
    if (!what.resume.empty())
        text["resume"] = what.resume;
    return text;
}

json to_json(const finish& what) {
    json text = object("finish", what.id);
    if (what.size)
        text["size"] = *what.size;
    if (what.hash)
        text["hash"] = what.hash->to_string();
    return text;
}

json to_json(const abandon& what) {
    return object("abandon", what.id);
}

json to_json(const accept& what) {
    json text = object("accept", what.id);
    text["offset"] = what.offset;
    if (what.hash)
        text["hash"] = what.hash->to_string();
    text["chunk"] = what.chunk;
    return text;
}

json to_json(const again& what) {
    json text = object("again", what.id);
    text["offset"] = what.offset;
    return text;
}

json to_json(const stored& what) {
    json text = object("stored", what.id);
    text["name"] = what.name;
    text["size"] = what.size;
    text["hash"] = what.hash.to_string();
    text["durable"] = what.durable;
    return text;
}

json to_json(const refusal& what) {
    json text = object(what.accepted ? "failed" : "reject", what.id);
    text["code"] = to_string(what.code);
    text["reason"] = cut_between_characters(what.reason, max_reason);
    text["retry"] = what.retry;
    text["kept"] = what.kept;
    if (what.code == refusal_code::version)
        text["versions"] = json::array({protocol_version});
    return text;
}

// File names from a disk may be no UTF-8: what is not is replaced.
template <class Message>
std::string write(const Message& what) {
    return to_json(what).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string write(const piece& what) {
    std::string bytes(piece_header_size, '\0');
    write_piece_header(what, reinterpret_cast<unsigned char*>(bytes.data()));
    return bytes.append(what.bytes.text());
}

} // namespace

std::string write_message(const message& what) {
    return std::visit([](const auto& each) { return write(each); }, what);
}

void write_piece_header(const piece& what, unsigned char* header) noexcept {
    constexpr auto big = std::endian::big;
    header[0] = piece_mark;
    store_integer(header + 1, what.id, 4, big);
    store_integer(header + 5, what.offset, 8, big);
    store_integer(header + 13, what.check, 8, big);
}

} // namespace fairlead::file_transfer
