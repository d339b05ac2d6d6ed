#include <fairlead/testkit/framing_verifier.hpp>

#include "testkit/framing_run.hpp"
#include "testkit/parts_run.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

namespace fairlead::testkit {

namespace {

constexpr std::size_t pairs_limit = 256;   // bytes of a stream that is cut at every two positions
constexpr std::size_t spread_cuts = 256;   // cuts of a stream too long to be cut everywhere
constexpr std::size_t parts_limit = 4096;  // bytes of a stream that is decoded in parts too
constexpr std::size_t shown_messages = 16; // in a report

std::string quote(bytes_view bytes) {
    return "\"" + escape(bytes, 128) + "\"";
}

std::string describe(const framing_outcome& outcome) {
    std::string text;
    const auto list = [&text](const std::vector<std::string>& messages) {
        for (const std::string& message : std::span{messages}.first(std::min(messages.size(), shown_messages)))
            text += quote(message) + ", ";
        if (messages.size() > shown_messages)
            text += "... (" + std::to_string(messages.size()) + " messages), ";
    };
    list(outcome.messages);
    if (!outcome.last.empty())
        text += "and when the stream has ended ";
    list(outcome.last);
    if (!outcome.violation.empty())
        text += "then a breach of contract: " + outcome.violation;
    else if (outcome.error)
        text += std::string{outcome.failed_in_finish ? "finish" : "decode"} + " fails: " + outcome.error.message();
    else
        text += "a clean end";
    return text + "; " + std::to_string(outcome.position) + " bytes used up";
}

[[noreturn]] void report(const std::string& name, bytes_view bytes, const std::string& how, const std::string& expected,
                         const std::string& actual) {
    throw framing_violation{name + ", bytes " + quote(bytes) + ", " + how + "\n  expected: " + expected +
                            "\n  actual:   " + actual};
}

template <class Run = framing_run>
framing_outcome decode_in_pieces(const framing& prototype, bytes_view stream, const std::vector<std::size_t>& cuts) {
    Run run{prototype, stream};
    for (const std::size_t cut : cuts)
        run.arrive(cut);
    run.arrive(stream.size());
    return std::move(run).end();
}

std::string join(const std::vector<std::string>& messages) {
    return std::accumulate(messages.begin(), messages.end(), std::string{});
}

// Calls `attempt` for all ways to cut a stream of this size, the plain ones first.
template <class Try>
void for_each_cut(std::size_t size, Try attempt) {
    attempt({}, "in one piece");
    std::vector<std::size_t> everywhere(size);
    std::iota(everywhere.begin(), everywhere.end(), std::size_t{0});
    attempt(everywhere, "byte by byte");
    const std::size_t stride = size <= framing_run::moved_limit ? 1 : size / spread_cuts;
    for (std::size_t cut = 1; cut < size; cut += stride)
        attempt({cut}, "cut at " + std::to_string(cut));
    for (std::size_t second = 2; size <= pairs_limit && second < size; ++second) {
        for (std::size_t first = 1; first < second; ++first)
            attempt({first, second}, "cut at " + std::to_string(first) + " and " + std::to_string(second));
    }
}

} // namespace

/// The checks of single cases. Errors: each throws framing_violation.
class framing_verifier::checks {
public:
    explicit checks(const framing_verifier& of) noexcept
        : prototype_{of.prototype_}, ignoring_boundaries_{of.ignoring_boundaries_} {}

    /// Returns the number of bytes that are used up.
    std::size_t check_cuts(const stream_case& expected, const std::string& name) const;
    void check_encoding(const stream_case& expected, const std::string& name) const;

private:
    void check_parts(const stream_case& expected, const std::vector<std::size_t>& cuts, const std::string& how) const;
    void check_encoding_in_parts(const std::string& message, const std::string& name) const;

    const framing& prototype_;
    const bool ignoring_boundaries_;
};

framing_verifier& framing_verifier::bytes(bytes_view stream) {
    cases_.push_back({.bytes = to_string(stream)});
    return *this;
}

framing_verifier& framing_verifier::gives(const std::vector<bytes_view>& messages) {
    for (const bytes_view message : messages)
        current().messages.push_back(to_string(message));
    return *this;
}

framing_verifier& framing_verifier::fails_with(error_code why) {
    current().error = why;
    return *this;
}

framing_verifier& framing_verifier::ends_with(error_code why) {
    current().error = why;
    current().fails_in_finish = true;
    return *this;
}

framing_verifier& framing_verifier::ends_with(bytes_view message) {
    current().last.push_back(to_string(message));
    return *this;
}

framing_verifier& framing_verifier::one_way() {
    current().one_way = true;
    return *this;
}

framing_verifier& framing_verifier::ignoring_boundaries() {
    ignoring_boundaries_ = true;
    return *this;
}

framing_verifier::stream_case& framing_verifier::current() {
    if (cases_.empty())
        throw std::logic_error{"begin a case with bytes() first"};
    return cases_.back();
}

framing_verifier::stream_case framing_verifier::joined() const {
    stream_case all;
    for (const stream_case& one : cases_) {
        if (!one.is_clean())
            continue;
        all.bytes += one.bytes;
        all.messages.insert(all.messages.end(), one.messages.begin(), one.messages.end());
    }
    return all;
}

void framing_verifier::check() const {
    if (cases_.empty())
        throw std::logic_error{"there is nothing to check; begin a case with bytes()"};
    const checks each{*this};
    std::vector<std::size_t> positions;
    const auto name_of = [this](std::size_t i) {
        return "case " + std::to_string(i + 1) + " of " + std::to_string(cases_.size());
    };
    for (std::size_t i = 0; i != cases_.size(); ++i) {
        positions.push_back(each.check_cuts(cases_[i], name_of(i)));
        each.check_encoding(cases_[i], name_of(i));
    }
    const stream_case before = joined();
    if (before.bytes.empty())
        return;
    each.check_cuts(before, "all clean cases joined");
    for (std::size_t i = 0; i != cases_.size(); ++i) {
        if (cases_[i].is_clean())
            continue;
        stream_case last = cases_[i];
        last.bytes.insert(0, before.bytes);
        last.messages.insert(last.messages.begin(), before.messages.begin(), before.messages.end());
        const std::string name = name_of(i) + " behind all clean cases";
        const std::size_t position = each.check_cuts(last, name);
        const std::size_t expected = before.bytes.size() + positions[i];
        if (position != expected)
            report(name, last.bytes, "in one piece", std::to_string(expected) + " bytes used up",
                   std::to_string(position) + " bytes used up");
    }
}

std::size_t framing_verifier::checks::check_cuts(const stream_case& expected, const std::string& name) const {
    framing_outcome wanted{expected.messages, expected.last, expected.error, expected.fails_in_finish, {}, {}};
    std::optional<std::size_t> position;
    if (!expected.error)
        position = expected.bytes.size();
    for_each_cut(expected.bytes.size(), [&](const std::vector<std::size_t>& cuts, const std::string& how) {
        framing_outcome actual = decode_in_pieces(prototype_, expected.bytes, cuts);
        if (ignoring_boundaries_) {
            actual.messages = {join(actual.messages)};
            wanted.messages = {join(wanted.messages)};
        }
        if (!position)
            position = actual.position; // where the uncut stream fails; the others must fail there too
        wanted.position = *position;
        if (actual != wanted)
            report(name, expected.bytes, how, describe(wanted), describe(actual));
        check_parts(expected, cuts, name + ", in parts, " + how);
    });
    return *position;
}

// Another limit may hold for messages in parts.
void framing_verifier::checks::check_parts(const stream_case& expected, const std::vector<std::size_t>& cuts,
                                           const std::string& how) const {
    if (!prototype_.divides_messages() || expected.error == errc::message_too_large ||
        expected.bytes.size() > parts_limit)
        return;
    framing_outcome actual = decode_in_pieces<parts_run>(prototype_, expected.bytes, cuts);
    framing_outcome wanted{expected.messages,        expected.last,   expected.error,
                           expected.fails_in_finish, actual.position, {}};
    if (ignoring_boundaries_) {
        actual.messages = {join(actual.messages)};
        wanted.messages = {join(wanted.messages)};
    }
    if (actual != wanted)
        report(how, expected.bytes, "joined", describe(wanted), describe(actual));
}

// Encodes a message in two parts, of which empty ones are left out.
void framing_verifier::checks::check_encoding_in_parts(const std::string& message, const std::string& name) const {
    framing encoder{prototype_};
    if (!encoder.divides_messages())
        return;
    byte_buffer output;
    if (!encoder.begin_message(message.size(), output)) {
        if (!output.empty())
            report(name, message, "begin_message", "nothing written", quote(output.data()));
        return;
    }
    const bytes_view bytes{message};
    for (const bytes_view part : {bytes.first(message.size() / 2), bytes.from(message.size() / 2)}) {
        if (part.empty())
            continue;
        if (const auto begun = encoder.begin_part(part, output); !begun)
            report(name, message, "begin_part", "it is written", begun.error().message());
        output.append(part);
    }
    if (const auto ended = encoder.end_message(output); !ended)
        report(name, message, "end_message", "it is written", ended.error().message());
    const framing_outcome back = decode_in_pieces(prototype_, output.data(), {});
    const bool same =
        !back.error && join(back.messages) == message && (ignoring_boundaries_ || back.messages.size() == 1);
    if (!same || back.position != output.size())
        report(name, message, "sent in parts as " + quote(output.data()), quote(message) + " is decoded again",
               describe(back));
}

void framing_verifier::checks::check_encoding(const stream_case& expected, const std::string& name) const {
    static constexpr char earlier[] = "what was queued before";
    framing encoder{prototype_};
    byte_buffer output;
    output.append(earlier);
    const std::size_t begin = output.size();
    std::vector<std::string> accepted;
    for (const std::string& message : expected.messages) {
        const std::size_t before = output.size();
        const result<void> encoded = encoder.encode(message, output);
        if (!encoded) {
            const bool for_a_reason = encoded.error() == errc::malformed || encoded.error() == errc::message_too_large;
            if (!expected.one_way || !for_a_reason || output.size() != before)
                report(name, expected.bytes, "encoding " + quote(message),
                       expected.one_way ? "nothing written, malformed or message_too_large" : "it is written",
                       encoded.error().message() + "; " + std::to_string(output.size() - before) + " bytes written");
            continue;
        }
        accepted.push_back(message);
        check_encoding_in_parts(message, name);
        const bytes_view frame = output.data().from(before);
        if (encoder.has_header()) {
            byte_buffer head;
            const bool written = framing{prototype_}.encode_header(message, head).has_value();
            if (!written || to_string(head.data()) + message != to_string(frame))
                report(name, expected.bytes, "the head of " + quote(message),
                       "what encode writes before it: " + quote(frame), written ? quote(head.data()) : "it is refused");
        }
        const framing_outcome back = decode_in_pieces(prototype_, frame, {});
        if (back.error || join(back.messages) != message || (!ignoring_boundaries_ && back.messages.size() != 1) ||
            back.position != frame.size())
            report(name, expected.bytes, "encoding " + quote(message) + " to " + quote(frame),
                   quote(message) + " is decoded again", describe(back));
    }
    if (expected.one_way && accepted.size() == expected.messages.size())
        report(name, expected.bytes, "encoding its messages", "one of them is refused", "all were written");

    const bytes_view stream = output.data().from(begin);
    const framing_outcome back = decode_in_pieces(prototype_, stream, {});
    const bool same = ignoring_boundaries_ ? join(back.messages) == join(accepted) : back.messages == accepted;
    if (!same || back.error || back.position != stream.size() || output.data().first(begin) != bytes_view{earlier})
        report(name, expected.bytes, "its messages encoded to " + quote(stream),
               "the same messages behind what was queued", describe(back));
}

} // namespace fairlead::testkit
