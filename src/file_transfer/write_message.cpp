#include "file_transfer/field_writer.hpp"
#include "file_transfer/message.hpp"
#include "framing/integer.hpp"

#include <fairlead/utf8.hpp>

#include <utility>

namespace fairlead::file_transfer {

namespace {

std::string write(const offer& what) {
    field_writer to{"offer"};
    to.number("version", static_cast<std::uint64_t>(what.version));
    to.number("id", what.id);
    to.text("name", what.name);
    if (what.size)
        to.number("size", *what.size);
    if (what.hash)
        to.hash("hash", *what.hash);
    if (what.mtime_ns && *what.mtime_ns >= 0)
        to.number("mtime_ns", static_cast<std::uint64_t>(*what.mtime_ns));
    if (!what.resume.empty())
        to.text("resume", what.resume);
    return std::move(to).take();
}

std::string write(const finish& what) {
    field_writer to{"finish", what.id};
    if (what.size)
        to.number("size", *what.size);
    if (what.hash)
        to.hash("hash", *what.hash);
    return std::move(to).take();
}

std::string write(const abandon& what) {
    return field_writer{"abandon", what.id}.take();
}

std::string write(const accept& what) {
    field_writer to{"accept", what.id};
    to.number("offset", what.offset);
    if (what.hash)
        to.hash("hash", *what.hash);
    to.number("chunk", what.chunk);
    return std::move(to).take();
}

std::string write(const again& what) {
    field_writer to{"again", what.id};
    to.number("offset", what.offset);
    return std::move(to).take();
}

std::string write(const stored& what) {
    field_writer to{"stored", what.id};
    to.text("name", what.name);
    to.number("size", what.size);
    to.hash("hash", what.hash);
    to.flag("durable", what.durable);
    return std::move(to).take();
}

std::string write(const refusal& what) {
    field_writer to{what.accepted ? "failed" : "reject", what.id};
    to.text("code", to_string(what.code));
    to.text("reason", cut_between_characters(what.reason, max_reason));
    to.flag("retry", what.retry);
    to.number("kept", what.kept);
    if (what.code == refusal_code::version)
        to.list_of_one("versions", protocol_version);
    return std::move(to).take();
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
