#include "manual/form_pages.hpp"

#include "manual/roff_page.hpp"
#include "quantity.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/framing/parse.hpp>
#include <fairlead/framing/websocket.hpp>
#include <fairlead/printable.hpp>
#include <fairlead/text_forms.hpp>

namespace fairlead::command {

namespace {

using font = roff_page::font;

std::string in_bytes(std::size_t size) {
    const std::string text = to_text(size);
    return text.ends_with('B') ? text : text + " bytes";
}

// A session speaks WebSocket, so its framing alone has no bytes to show.
std::string encoded_example(const framing_form& form) {
    constexpr std::string_view message = "hello";
    framing rules = parse_framing(form.example);
    byte_buffer bytes;
    if (rules.target<websocket>() || !rules.encode(bytes_view{message}, bytes))
        return {};
    return "With " + std::string{form.example} + " the message \"" + std::string{message} + "\" is sent as the bytes " +
           hexadecimal(bytes.data()) + ".";
}

void end_with_references(roff_page& page, const described_command& program, value_kind kind, const std::string& other) {
    std::vector<std::vector<roff_page::span>> pages{reference(program.name, 1)};
    for (const described_command& each : program.subcommands) {
        if (takes(each, kind))
            pages.push_back(reference(page_name(each), 1));
    }
    pages.push_back(reference(program.name + other, 7));
    page.references(pages);
}

} // namespace

manual_page url_page(const described_command& program, const manual_edition& edition) {
    roff_page page{
        {program.name + "-url", 7, "addresses to listen at and to connect to", edition.version, edition.date}};
    page.section("DESCRIPTION");
    page.paragraph("A URL says where a server listens or a client connects. Its scheme says what is spoken there.");
    page.section("SCHEMES");
    for (const url_form& each : url_forms())
        page.item({{std::string{each.syntax}, font::bold}},
                  std::string{each.meaning} + " For example " + std::string{each.examples} + ".");
    page.section("HOST AND PORT");
    page.paragraph(
        "HOST is a name or an address. An IPv6 address stands in brackets. A zone, which link-local addresses "
        "and groups need, follows %25 and names the interface: tcp://[fe80::1%25eth0]:9000 (RFC 6874).");
    page.paragraph(
        "A server listens at all addresses of a name. The host * is every address of IPv4 and IPv6; 0.0.0.0 is "
        "every address of IPv4; [::] includes IPv4, unless the server listens at 0.0.0.0 with the same port.");
    page.paragraph("PORT is a number from 0 to 65535. A server that listens at port 0 gets a free port and prints it. "
                   "Without a port, ws:// has 80 and wss:// has 443.");
    page.section("UNIX SOCKETS");
    page.paragraph(
        "PATH is absolute, so three slashes follow the scheme. It has at most 107 bytes, and no escapes: every "
        "character stands for itself. The permissions of the file say which users may connect.");
    page.paragraph(
        "@NAME is a name without a file, in the abstract namespace of unix(7). Every user of this machine may "
        "connect to it. It has at most 107 bytes too.");
    page.section("WEBSOCKET");
    page.paragraph("PATH is sent as it is written, with its query: ws://127.0.0.1:8080/chat?room=1. It consists of the "
                   "printable characters of ASCII without space and #; others are written as %HH. It has at most 2048 "
                   "bytes. Without a path it is /.");
    page.section("EXAMPLES");
    page.paragraph("The same server over TCP and over a Unix socket:");
    page.example(program.name + " serve echo --listen tcp://127.0.0.1:9000 --listen unix:///run/user/1000/echo.sock\n" +
                 program.name + " talk unix:///run/user/1000/echo.sock\n");
    end_with_references(page, program, value_kind::url, "-framing");
    return {"man7/" + program.name + "-url.7", page.text()};
}

manual_page framing_page(const described_command& program, const manual_edition& edition) {
    roff_page page{
        {program.name + "-framing", 7, "how messages are told apart in a stream", edition.version, edition.date}};
    page.section("DESCRIPTION");
    page.paragraph(
        "TCP, Unix sockets and TLS deliver bytes in any pieces. A framing says where a message ends. Both ends "
        "of a connection need the same one. UDP needs none: a datagram is a message.");
    page.section("FRAMINGS");
    for (const framing_form& each : framing_forms()) {
        std::string words{each.meaning};
        if (const std::string example = encoded_example(each); !example.empty())
            words += " " + example;
        if (each.name != "fixed")
            words += " The largest message has " + in_bytes(parse_framing(each.example).max_message()) +
                     " unless --max-message says otherwise.";
        page.item({{std::string{each.syntax}, font::bold}}, words);
    }
    page.section("NOTES");
    page.paragraph(
        "A server whose peer speaks another framing waits for the end of a message that never comes, or logs "
        "the first bytes and the protocol that they look like.");
    page.paragraph("A shell removes backslashes: put a delimiter that has one in single quotes.");
    page.section("EXAMPLES");
    page.paragraph("A server whose messages end with a carriage return and a line feed:");
    page.example(program.name + " serve uppercase --framing 'delimiter:\\r\\n' --listen tcp://127.0.0.1:9000\n" +
                 program.name + " talk tcp://127.0.0.1:9000 --framing 'delimiter:\\r\\n'\n");
    end_with_references(page, program, value_kind::framing, "-url");
    return {"man7/" + program.name + "-framing.7", page.text()};
}

} // namespace fairlead::command
