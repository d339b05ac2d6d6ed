#include "command.hpp"
#include "decode/byte_input.hpp"
#include "decode/capture_decoder.hpp"
#include "decode/conversation_list.hpp"
#include "decode/packet_reader.hpp"
#include "decode/row_table.hpp"
#include "decode/stream_decoder.hpp"
#include "options.hpp"
#include "output.hpp"
#include "quantity.hpp"
#ifdef FAIRLEAD_FILES
#include "decode/row_json.hpp"
#endif

#include <fairlead/framing/parse.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace fairlead::command {

namespace {

constexpr std::size_t bytes_in_a_row = 64;
constexpr std::size_t read_size = 64 * 1024;

struct decode_options {
    std::string file = "-";
    std::string framing = "length";
    std::optional<std::size_t> max_message;
    std::string from;
    std::string to;
    std::optional<std::size_t> bytes;
    bool hex = false;
    bool json = false;
};

/// Shows rows of a plain stream, which have no place in a capture.
class plain_rows : public row_sink {
public:
    explicit plain_rows(row_writer& writer) : writer_{writer} {}
    void take(const row& next) override { writer_.show(next, nullptr); }

private:
    row_writer& writer_;
};

std::unique_ptr<row_writer> make_writer(const decode_options& options, const framing& rules, bool from_capture) {
#ifdef FAIRLEAD_FILES
    if (options.json)
        return std::make_unique<row_json>(row_style{.most = options.bytes.value_or(row_style{}.most)});
#endif
    return std::make_unique<row_table>(
        rules, row_style{.hex = options.hex, .most = options.bytes.value_or(bytes_in_a_row)}, from_capture);
}

bool is_capture(byte_input& input) {
    capture_guess guess = capture_guess::perhaps;
    while (guess == capture_guess::perhaps && input.peek() != 0)
        guess = guess_capture(input.peeked());
    return guess == capture_guess::yes;
}

void decode_stream(byte_input& input, const framing& rules, row_writer& writer) {
    plain_rows rows{writer};
    stream_decoder decoder{make_divider(rules), rows};
    std::vector<unsigned char> piece(read_size);
    if (input.peeked().empty())
        std::fprintf(stderr, "fairlead: %s has no bytes\n", input.name().c_str());
    while (const std::size_t size = input.read(piece)) {
        decoder.take({piece.data(), size});
        if (writer.faulty())
            return;
    }
    decoder.finish(stream_end::closed);
}

conversation_list list_conversations(byte_input& input) {
    conversation_list found;
    packet_reader packets{input, {}};
    while (!found.full()) {
        const auto next = packets.next();
        if (!next)
            break;
        found.take(next->content);
    }
    input.rewind();
    return found;
}

// Decodes the packets that fit the choice and returns the number of their streams.
std::size_t decode_packets(byte_input& input, const framing& rules, const capture_choice& choice, row_writer& writer) {
    packet_reader packets{input, choice};
    capture_decoder decoder{rules, writer};
    std::exception_ptr failed;
    try {
        while (const auto next = packets.next())
            decoder.take(next->content, next->number, next->time);
    } catch (const std::runtime_error&) {
        failed = std::current_exception(); // the packets before the fault are shown first
    }
    decoder.finish();
    if (const std::uint64_t lost = packets.unfinished(); lost != 0)
        writer.show({.kind = row_kind::fault,
                     .fault = "fragments",
                     .text = count(lost, "packet of IP has", "packets of IP have") +
                             " fragments that the capture lacks; their bytes are missing above"},
                    nullptr);
    if (failed) {
        flush_output();
        std::rethrow_exception(failed);
    }
    return decoder.streams();
}

int refuse_choice(const std::string& why, const conversation_list& found) {
    std::fprintf(stderr, "fairlead: %s\n%s", why.c_str(), found.text().c_str());
    return 2;
}

int decode_capture(byte_input& input, const framing& rules, const decode_options& options) {
    const capture_choice choice{.from = address_filter::parse(options.from), .to = address_filter::parse(options.to)};
    if (!choice.is_given()) {
        if (!input.can_rewind())
            throw std::invalid_argument{
                "a capture from a pipe is read only once, so it cannot be looked through for its "
                "conversations; say which by --from or --to"};
        const conversation_list found = list_conversations(input);
        if (found.size() > 1)
            return refuse_choice(
                "the capture has more than one conversation; choose by --from ADDRESS[:PORT], --to or both", found);
    }
    const auto writer = make_writer(options, rules, true);
    const std::size_t streams = decode_packets(input, rules, choice, *writer);
    flush_output();
    if (streams == 0 && choice.is_given() && input.can_rewind()) {
        input.rewind();
        return refuse_choice("no byte in the capture is from and to the given addresses; its conversations are:",
                             list_conversations(input));
    }
    if (streams == 0)
        std::fprintf(stderr, "fairlead: the capture has no bytes of TCP or UDP%s\n",
                     choice.is_given() ? " from and to the given addresses" : "");
    return writer->faulty() ? 1 : 0;
}

int decode(const decode_options& options) {
    const framing rules = parse_framing(options.framing, options.max_message);
    byte_input input{options.file};
    if (is_capture(input))
        return decode_capture(input, rules, options);
    if (!options.from.empty() || !options.to.empty())
        throw std::invalid_argument{"--from and --to choose from a capture, and " + input.name() +
                                    " is none (pcap or pcapng); leave them out"};
    const auto writer = make_writer(options, rules, false);
    decode_stream(input, rules, *writer);
    flush_output();
    return writer->faulty() ? 1 : 0;
}

} // namespace

subcommand add_decode(CLI::App& program) {
    const auto options = std::make_shared<decode_options>();
    CLI::App* const decoding =
        program.add_subcommand("decode", "Show the messages in a stream of bytes or in a capture file");
    decoding
        ->add_option("FILE", options->file,
                     "bytes of one side of a connection, or a capture (pcap, pcapng); - is stdin")
        ->capture_default_str();
    add_framing(*decoding, options->framing);
    add_size(*decoding, "--max-message", options->max_message, "the largest message; by default that of the framing");
    refuse_empty(decoding->add_option("--from", options->from,
                                      "of a capture: only bytes from this end, such as 192.0.2.1:9000 or :9000"))
        ->type_name("ADDRESS[:PORT]");
    refuse_empty(decoding->add_option("--to", options->to, "of a capture: only bytes to this end"))
        ->type_name("ADDRESS[:PORT]");
    decoding->add_flag("--hex", options->hex, "show messages in hexadecimal: 68 65 6c 6c 6f");
    add_size(*decoding, "--bytes", options->bytes,
             "show so much of each message, by default 64; with --json all of it");
#ifdef FAIRLEAD_FILES
    decoding->add_flag("--json", options->json, "print one JSON object for each message, on a line of its own");
#endif
    decoding->footer(
        "Each row is a message: its offset in the stream, its header or line ending, its size and its bytes. Control\n"
        "characters, backslashes and bytes that are not UTF-8 are escaped. A row with ! says what is wrong and where;\n"
        "nothing behind it can be divided. For WebSocket the rows are frames, and the request or answer of HTTP "
        "before\n"
        "them is shown as one row.\n"
        "In a capture each direction of a TCP connection is a stream, put together from its segments, and each UDP\n"
        "datagram is a message without a framing. A capture with several conversations needs --from or --to; both "
        "take\n"
        "ranges, such as 10.0.0.0/8.\n"
        "Exit codes: 0 all is whole, 1 something is wrong or cannot be read, 2 wrong usage.");
    return {decoding, [=] { return decode(*options); }};
}

} // namespace fairlead::command
