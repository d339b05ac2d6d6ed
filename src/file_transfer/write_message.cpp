#include "file_transfer/field_writer.hpp"
#include "file_transfer/message.hpp"
#include "framing/integer.hpp"

#include <fairlead/utf8.hpp>

#include <utility>

namespace fairlead::file_transfer {

namespace {

std::string write(const offer& offered) {
    field_writer to{"offer"};
    to.number("version", static_cast<std::uint64_t>(offered.version));
    to.number("id", offered.id);
    to.text("name", offered.name);
    if (offered.size)
        to.number("size", *offered.size);
    if (offered.hash)
        to.hash("hash", *offered.hash);
    if (offered.mtime_ns && *offered.mtime_ns >= 0)
        to.number("mtime_ns", static_cast<std::uint64_t>(*offered.mtime_ns));
    if (!offered.resume.empty())
        to.text("resume", offered.resume);
    return std::move(to).take();
}

std::string write(const finish& ending) {
    field_writer to{"finish", ending.id};
    if (ending.size)
        to.number("size", *ending.size);
    if (ending.hash)
        to.hash("hash", *ending.hash);
    return std::move(to).take();
}

std::string write(const abandon& withdrawn) {
    return field_writer{"abandon", withdrawn.id}.take();
}

std::string write(const accept& accepted) {
    field_writer to{"accept", accepted.id};
    to.number("offset", accepted.offset);
    if (accepted.hash)
        to.hash("hash", *accepted.hash);
    to.number("chunk", accepted.chunk);
    return std::move(to).take();
}

std::string write(const again& repeat) {
    field_writer to{"again", repeat.id};
    to.number("offset", repeat.offset);
    return std::move(to).take();
}

std::string write(const stored& file) {
    field_writer to{"stored", file.id};
    to.text("name", file.name);
    to.number("size", file.size);
    to.hash("hash", file.hash);
    to.flag("durable", file.durable);
    return std::move(to).take();
}

std::string write(const refusal& refused) {
    field_writer to{refused.accepted ? "failed" : "reject", refused.id};
    to.text("code", to_string(refused.code));
    to.text("reason", cut_between_characters(refused.reason, max_reason));
    to.flag("retry", refused.retry);
    to.number("kept", refused.kept);
    if (refused.code == refusal_code::version)
        to.list_of_one("versions", protocol_version);
    return std::move(to).take();
}

std::string write(const piece& part) {
    std::string bytes(piece_header_size, '\0');
    write_piece_header(part, reinterpret_cast<unsigned char*>(bytes.data()));
    return bytes.append(part.bytes.text());
}

} // namespace

std::string write_message(const message& said) {
    return std::visit([](const auto& each) { return write(each); }, said);
}

void write_piece_header(const piece& part, unsigned char* header) noexcept {
    constexpr auto big = std::endian::big;
    header[0] = piece_mark;
    store_integer(header + 1, part.id, 4, big);
    store_integer(header + 5, part.offset, 8, big);
    store_integer(header + 13, part.check, 8, big);
}

} // namespace fairlead::file_transfer
