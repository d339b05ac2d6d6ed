#include "file_transfer/outgoing_file.hpp"

#include "core/system_error.hpp"

#include <fairlead/file_transfer/file_name.hpp>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

namespace fairlead::file_transfer {

namespace {

constexpr unsigned reads_per_call = 8; // of a beginning that is hashed: an interruption takes effect between calls

// Returns the last component of a path. The path of a directory may end in `/`.
std::string_view name_in(std::string_view path) noexcept {
    while (path.size() > 1 && path.back() == '/')
        path.remove_suffix(1);
    return local_name(path);
}

} // namespace

bytes_view piece_batch::message(const entry& of, const piece& header) noexcept {
    piece whole = header;
    whole.check = of.check;
    write_piece_header(whole, buffer_.data() + of.at);
    return {buffer_.data() + of.at, piece_header_size + of.size};
}

outgoing_file::outgoing_file(file_to_send file) : file_{std::move(file)} {
    if (file_.name.empty())
        file_.name = name_in(file_.path);
    outcome.path = file_.path;
    outcome.name = file_.name;
}

result<void> outgoing_file::open() {
    if (!source_) {
        auto opened = source_file::open(file_.path);
        if (!opened)
            return opened.error();
        source_.emplace(std::move(*opened));
        size_ = source_->size();
        if (hashed_as_ != source_->resume())
            doubt();
        hashed_as_ = source_->resume();
    } else if (source_->stream() && hashed_ != 0 && !known_) {
        return system_code(ESPIPE);
    }
    return {};
}

void outgoing_file::close() noexcept {
    if (source_ && !source_->stream())
        source_.reset();
}

offer outgoing_file::facts() const {
    return {.name = file_.name,
            .size = known_ ? hashed_ : source_->size(),
            .hash = known_,
            .mtime_ns = source_->mtime_ns(),
            .resume = source_->resume()};
}

void outgoing_file::hash(std::uint64_t offset, bytes_view bytes) noexcept {
    if (offset > hashed_ || offset + bytes.size() <= hashed_)
        return;
    running_.update(bytes.from(static_cast<std::size_t>(hashed_ - offset)));
    hashed_ = offset + bytes.size();
}

result<std::optional<digest>> outgoing_file::hash_beginning(std::uint64_t offset, piece_batch& room) {
    if (offset < hashed_ && (!again_ || hashed_again_ > offset)) {
        again_.emplace();
        hashed_again_ = 0;
    }
    const bool shorter = offset < hashed_;
    hasher& hashes = shorter ? *again_ : running_;
    std::uint64_t& hashed = shorter ? hashed_again_ : hashed_;
    room.buffer_.resize(piece_batch::most);
    for (unsigned reads = 0; hashed < offset && reads < reads_per_call; ++reads) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(offset - hashed, piece_batch::most));
        const auto got = source_->read(hashed, std::span{room.buffer_}.first(wanted));
        if (!got)
            return got.error();
        hashes.update({room.buffer_.data(), *got});
        hashed += *got;
    }
    if (hashed < offset)
        return std::optional<digest>{};
    const digest found = hashes.value();
    again_.reset();
    return std::optional{found};
}

// Returns as many as fit into the buffer, and no more than are left, the last of which may be small; at least 1.
std::size_t outgoing_file::pieces_at(std::uint64_t offset, std::size_t chunk) const noexcept {
    if (source_->stream())
        return 1;
    const std::uint64_t left = (*source_->size() - offset + chunk - 1) / chunk;
    return static_cast<std::size_t>(
        std::clamp<std::uint64_t>(left, 1, std::max<std::size_t>(piece_batch::most / chunk, 1)));
}

result<void> outgoing_file::read(std::uint64_t offset, std::size_t chunk, piece_batch& into) {
    const std::size_t pieces = pieces_at(offset, chunk);
    const std::size_t room = piece_header_size + chunk;
    into.entries_.clear();
    into.buffer_.resize(std::max(into.buffer_.size(), pieces * room));
    for (std::size_t at = 0; at < pieces * room; at += room) {
        const std::span<unsigned char> bytes{into.buffer_.data() + at + piece_header_size, chunk};
        const auto got = source_->read(offset, bytes);
        if (!got)
            return got.error();
        if (*got == 0)
            break;
        const bytes_view read{bytes.data(), *got};
        hash(offset, read);
        into.entries_.push_back({.offset = offset, .size = *got, .check = check_of(read), .at = at});
        offset += *got;
    }
    return {};
}

result<digest> outgoing_file::finish() {
    if (const auto same = source_->check(); !same)
        return same.error();
    known_ = running_.value();
    return *known_;
}

bool outgoing_file::prove() noexcept {
    if (proving_ || known_ || !source_ || source_->stream())
        return false;
    proving_ = true;
    return true;
}

void outgoing_file::doubt() noexcept {
    running_.reset();
    hashed_ = 0;
    known_.reset();
    again_.reset();
}

void outgoing_file::is_on_the_way(std::uint64_t offset) noexcept {
    outcome.kept = hashed_as_.empty() ? 0 : offset;
}

void outgoing_file::is_there(std::uint64_t offset) noexcept {
    outcome.kept = offset;
    furthest_ = std::max(furthest_, offset);
}

} // namespace fairlead::file_transfer
