#include "tour.hpp"

#include "loopback.hpp"
#include "style.hpp"
#include "websocket_visitor.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/length_prefixed.hpp>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

namespace demo {

namespace {

using texts = std::vector<std::string>;

const style paint;

std::string frames(const texts& messages) {
    fairlead::length_prefixed framing;
    fairlead::byte_buffer bytes;
    for (const std::string& each : messages)
        framing.encode(each, bytes).value();
    return to_string(bytes.data());
}

// Returns the first `count` messages of the peer; fewer if the peer ends its side before.
texts read_messages(const loopback_socket& from, fairlead::framing rules, std::size_t count) {
    texts messages;
    fairlead::byte_buffer input;
    while (messages.size() < count) {
        const auto step = rules.decode(input.data()).value();
        input.consume(step.consumed);
        if (step.message) {
            messages.push_back(to_string(*step.message));
            continue;
        }
        const std::string bytes = from.read();
        if (bytes.empty())
            break;
        input.append(bytes);
    }
    return messages;
}

std::string quoted(const texts& messages) {
    std::string line;
    for (const std::string& each : messages)
        line += (line.empty() ? "\"" : "  \"") + each + "\"";
    return line;
}

void show_pieces(const char* title, const texts& pieces) {
    for (std::size_t i = 0; i < pieces.size(); ++i)
        std::cout << "   " << title << ' ' << i + 1 << "       \"" << fairlead::escape(pieces[i]) << "\"\n";
}

bool verdict(bool right) {
    std::cout << (right ? paint.good("  right") : paint.bad("  WRONG")) << '\n';
    return right;
}

// Writes the pieces to a naive reader and to the echo server. Returns true if the server got and returned `messages`.
bool compare(servers& running, const std::string& title, const texts& pieces, const texts& messages) {
    std::cout << paint.heading(title) << '\n';
    show_pieces("write", pieces);
    const texts taken = read_naively(pieces);
    std::cout << "   a naive reader takes each recv() for a message, " << taken.size() << " instead of "
              << messages.size() << ":\n";
    show_pieces(" recv", taken);

    running.seen().take();
    const auto client = loopback_socket::connect(running.echo().port());
    write_apart(client, pieces);
    const texts replies = read_messages(client, fairlead::length_prefixed{}, messages.size());
    const texts seen = running.seen().take();
    std::cout << "   Fairlead saw   " << quoted(seen) << "\n   and answered   " << quoted(replies);
    return verdict(seen == messages && replies == messages);
}

bool ask(const char* title, const fairlead::endpoint& server, const std::string& sent, const std::string& expected) {
    const auto client = loopback_socket::connect(server.port());
    client.write(sent);
    client.end_writing();
    std::string reply;
    for (auto bytes = client.read(); !bytes.empty(); bytes = client.read())
        reply += bytes;
    std::cout << "   " << title << sent.substr(0, sent.find('\n')) << "  ->  " << reply.substr(0, reply.find('\n'));
    return verdict(reply == expected);
}

// Ann is there over lines when Bob comes over WebSocket.
bool show_chat(const servers& running) {
    std::cout << paint.heading("4. A chat: one room for lines and for WebSocket") << '\n';
    const auto ann = loopback_socket::connect(running.chat().port());
    read_messages(ann, fairlead::line{}, 2); // welcome, joined
    ann.write("/nick Ann\nhello\n");
    read_messages(ann, fairlead::line{}, 2);
    const texts bob = visit_chat(running.web_chat(), "ahoy");
    std::cout << "   Ann says \"hello\" over lines; Bob comes over WebSocket, and reads  \"Ann: hello\"";
    bool right = verdict(std::find(bob.begin(), bob.end(), "Ann: hello") != bob.end());
    const texts ann_read = read_messages(ann, fairlead::line{}, 3); // Bob has joined, and has his name
    std::cout << "   Bob says \"ahoy\" over WebSocket; Ann reads over lines              "
              << quoted({ann_read.empty() ? "nothing" : ann_read.back()});
    right &= verdict(!ann_read.empty() && ann_read.back() == "Bob: ahoy");
    return right;
}

} // namespace

bool show_tour(servers& running) {
    const texts three = {"ready", "steady", "go"};
    bool right = compare(running, "1. Three messages in ONE write", {frames(three)}, three);

    const texts one = {"all hands on deck"};
    const std::string bytes = frames(one);
    const texts parts = {bytes.substr(0, 2), bytes.substr(2, 5), bytes.substr(7, 9), bytes.substr(16)};
    right &= compare(running, "2. One message in FOUR writes", parts, one);

    std::cout << paint.heading("3. The other two servers") << '\n';
    right &= ask("uppercase      ", running.uppercase(), "ahoy\n", "AHOY\n");
    right &= ask("reply          ", running.reply(), "你好", "你好 收到");
    right &= show_chat(running);
    return right;
}

} // namespace demo
