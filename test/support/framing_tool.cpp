// Encodes and decodes what it is told on standard input, for comparison with framing_reference.py. Bytes are written in
// hexadecimal, none of them as "-". Each line is answered by one line:
//
//     framing length width=2 keep=1      ok | refused
//     encode 616263                      bytes 0003616263 | error malformed
//     decode 0003 6162 63                ok 5 616263 | error truncated 0          (position, messages)

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/fixed_size.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/framing/varint_prefixed.hpp>

#include "testkit/framing_run.hpp"

#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace {

using namespace fairlead;

std::string to_hex(bytes_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return bytes.empty() ? "-" : text;
}

std::string from_hex(const std::string& text) {
    std::string bytes;
    for (std::size_t i = 0; text != "-" && i != text.size(); i += 2)
        bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
    return bytes;
}

std::string name_of(error_code error) {
    if (error == errc::truncated)
        return "truncated";
    if (error == errc::message_too_large)
        return "message_too_large";
    if (error == errc::malformed)
        return "malformed";
    return error.message();
}

// name=value words; what is absent reads as zero, which is the default of everything but max and width.
struct options {
    explicit options(std::istream& words) {
        for (std::string word; words >> word;)
            values.emplace(word.substr(0, word.find('=')), word.substr(word.find('=') + 1));
    }
    long long number(const std::string& name, long long otherwise = 0) const {
        const auto found = values.find(name);
        return found == values.end() ? otherwise : std::stoll(found->second);
    }
    std::size_t max() const { return static_cast<std::size_t>(number("max", 1 << 20)); }

    std::multimap<std::string, std::string> values;
};

framing make_length(const options& given) {
    length_prefixed_options length;
    length.width = static_cast<int>(given.number("width", 4));
    length.byte_order = given.number("little") != 0 ? std::endian::little : std::endian::big;
    length.offset = static_cast<std::size_t>(given.number("offset"));
    length.length_includes_header = given.number("includes") != 0;
    length.adjustment = static_cast<int>(given.number("adjustment"));
    length.keep_header = given.number("keep") != 0;
    if (given.values.contains("max"))
        length.max_message = given.max();
    length.oversize = given.number("discard") != 0 ? oversize_policy::discard : oversize_policy::close;
    return length_prefixed{length};
}

framing make_delimited(const options& given) {
    delimited_options delimiters;
    for (auto [at, end] = given.values.equal_range("delimiter"); at != end; ++at)
        delimiters.delimiters.push_back(from_hex(at->second));
    delimiters.keep_delimiter = given.number("keep") != 0;
    delimiters.accept_unterminated_last = given.number("unterminated") != 0;
    delimiters.max_message = given.max();
    return delimited{delimiters};
}

framing make_framing(std::istream& words) {
    std::string kind;
    words >> kind;
    const options given{words};
    if (kind == "length")
        return make_length(given);
    if (kind == "varint")
        return varint_prefixed{{.max_message = given.max()}};
    if (kind == "delimited")
        return make_delimited(given);
    if (kind == "line")
        return line{{.max_message = given.max(), .accept_unterminated_last = given.number("unterminated") != 0}};
    if (kind == "fixed")
        return fixed_size{static_cast<std::size_t>(given.number("size"))};
    if (kind == "raw")
        return raw{{.max_message = given.max()}};
    throw std::runtime_error{"unknown framing " + kind};
}

std::string encode(framing by, const std::string& message) {
    byte_buffer output;
    const result<void> done = by.encode(message, output);
    return done ? "bytes " + to_hex(output.data()) : "error " + name_of(done.error());
}

std::string decode(const framing& by, std::istream& words) {
    std::string stream;
    std::vector<std::size_t> arrivals;
    for (std::string piece; words >> piece;) {
        stream += from_hex(piece);
        arrivals.push_back(stream.size());
    }
    testkit::framing_run run{by, stream};
    for (const std::size_t size : arrivals)
        run.arrive(size);
    const testkit::framing_outcome outcome = std::move(run).end();
    std::string text = outcome.error ? "error " + name_of(outcome.error) : "ok";
    text += " " + std::to_string(outcome.position);
    for (const auto& messages : {outcome.messages, outcome.last}) {
        for (const std::string& message : messages)
            text += " " + to_hex(message);
    }
    return outcome.violation.empty() ? text : "violation " + outcome.violation;
}

} // namespace

int main() {
    framing by;
    for (std::string text; std::getline(std::cin, text);) {
        std::istringstream words{text};
        std::string command;
        words >> command;
        if (command == "framing") {
            try {
                by = make_framing(words);
                std::cout << "ok\n";
            } catch (const std::invalid_argument&) {
                std::cout << "refused\n";
            }
        } else if (command == "encode") {
            std::string message;
            words >> message;
            std::cout << encode(by, from_hex(message)) << '\n';
        } else if (command == "decode") {
            std::cout << decode(by, words) << '\n';
        } else {
            std::cerr << "unknown command " << command << '\n';
            return 1;
        }
    }
}
