#pragma once

#include <fairlead/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace fairlead {

/// More bytes of the answer are needed.
struct upgrade_incomplete {};

/// The server has accepted the upgrade.
struct upgrade_accepted {
    std::string subprotocol; ///< one of those offered; empty: none
    bool deflate = false;    ///< `deflate_offer` was accepted
    std::string rest;        ///< the first bytes of the server's frames
};

/// The server has refused the upgrade, or its answer is invalid.
struct upgrade_refused {
    unsigned status = 0; ///< of the answer; 0 if it was no answer of HTTP
    std::string why;     ///< a sentence: `the server answered 404 Not Found: there is no /chat`
};

/// Reads the answer to the request of a client, without I/O.
///
///     add("HTTP/1.1 101 Sw…")               next() ──▶ upgrade_incomplete
///     add("…\r\n\r\n" + first frames)       next() ──▶ upgrade_accepted{"", first frames}
///
/// An answer has at most `max_header` bytes up to its empty line. Only the first line of a body is read.
class upgrade_answer_reader {
public:
    static constexpr std::uint32_t max_header = 16 * 1024;

    /// `key` and `subprotocols` are those of the request; `deflate`: it had `deflate_offer`.
    upgrade_answer_reader(const std::string& key, std::vector<std::string> subprotocols, bool deflate);
    upgrade_answer_reader(const upgrade_answer_reader&) = delete;
    upgrade_answer_reader& operator=(const upgrade_answer_reader&) = delete;
    ~upgrade_answer_reader();

    void add(bytes_view bytes);

    /// Tells the reader that no more bytes come: `next` then returns an outcome other than `upgrade_incomplete`.
    void end() noexcept { ended_ = true; }

    /// Returns the outcome. Call it until it is not `upgrade_incomplete`.
    std::variant<upgrade_incomplete, upgrade_accepted, upgrade_refused> next();

private:
    struct parser;

    upgrade_refused refused() const;
    std::variant<upgrade_incomplete, upgrade_accepted, upgrade_refused> check();

    std::string accept_; // the value that the server must answer with
    std::vector<std::string> subprotocols_;
    bool deflate_offered_;
    std::string held_;
    std::unique_ptr<parser> parser_;
    bool ended_ = false;
};

} // namespace fairlead
