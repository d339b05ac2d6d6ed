#include "new/project_values.hpp"

#include "new/shell_words.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/framing/parse.hpp>
#include <fairlead/handlers/uppercase.hpp>

#include <string_view>
#include <vector>

namespace fairlead::command {

namespace {

using words = std::vector<std::string>;

/// Returns the characters between the quotes of a literal, alike in C++, Python and JSON; the text is printable.
std::string inside_literal(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '"' || c == '\\')
            escaped += '\\';
        escaped += c;
    }
    return escaped;
}

std::string literal(std::string_view text) {
    return '"' + inside_literal(text) + '"';
}

std::string literals(const words& all) {
    std::string text;
    for (const std::string& each : all)
        text += (text.empty() ? "" : ", ") + literal(each);
    return text;
}

/// A place where the server listens, and the words that follow its URL on the command line.
struct server_place {
    std::string host;
    std::string port;
    std::string directory; ///< of the files: empty, or with a slash at its end

    words arguments(const project& chosen) const {
        words all{chosen.transport + "://" + host + ":" + port + (chosen.transport == "ws" ? "/" : "")};
        if (chosen.transport == "tls")
            all.insert(all.end(), {directory + "chain.pem", directory + "key.pem"});
        if (chosen.transport == "ws")
            all.push_back(directory + "www");
        return all;
    }
};

std::string usual_port(const project& chosen) {
    return chosen.transport == "tls" ? "9443" : chosen.transport == "ws" ? "8080" : "9000";
}

std::string installed_directory(const project& chosen) {
    return chosen.transport == "tls" ? "/etc/" + chosen.name + "/" : "/usr/local/share/" + chosen.name + "/";
}

words talk_options(const project& chosen) {
    words all;
    if (chosen.has_own_framing())
        all = {"--framing", "raw", "--hex"};
    else if (chosen.has_framing())
        all = {"--framing", chosen.framing};
    if (chosen.transport == "tls")
        all.insert(all.end(), {"--tls-ca", "chain.pem"});
    return all;
}

/// A message that the framing can carry, and the reply to it.
struct sample_exchange {
    std::string question; ///< an expression of Python, as `answer`
    std::string answer;
    std::string printing; ///< a command of the shell that prints the question
    std::string shown;    ///< the reply as `talk` shows it; empty if that is long
};

bool can_carry(const framing& rules, const std::string& message) {
    framing copy = rules;
    byte_buffer output;
    return copy.encode(message, output).has_value();
}

sample_exchange sample_for(const project& chosen) {
    const framing rules = parse_framing(chosen.has_framing() && !chosen.has_own_framing() ? chosen.framing : "raw");
    for (const char* const word : {"ahoy", "stern"}) { // without a common letter, so no delimiter is in both
        const std::string reply = to_upper(word);
        if (can_carry(rules, word) && can_carry(rules, reply))
            return {literal(word), literal(reply), "printf '" + std::string{word} + "\\n'", reply};
    }
    const std::string size = std::to_string(rules.max_message()); // only messages of one size remain
    return {"\"a\" * " + size, "\"A\" * " + size, "python3 -c 'print(\"a\" * " + size + ")'", {}};
}

sample_exchange own_sample() {
    return {{}, {}, R"(printf '\000\004ahoy\155\306')", "00 04 41 48 4f 59 fe ca"};
}

std::string about_framing(const project& chosen) {
    if (chosen.has_own_framing())
        return "`src/framing.cpp` divides the bytes\nof a connection into messages, and "
               "`test/framing_test.cpp` tries it on streams that are cut at every byte.";
    if (chosen.has_framing())
        return "`src/framing.hpp` names the framing, which says where a message ends: `" + chosen.framing + "`.";
    return chosen.transport == "udp" ? "Each datagram is a message."
                                     : "`www/index.html` is the page that a browser gets.";
}

std::string about_reply(const project& chosen, const sample_exchange& sample) {
    std::string text =
        sample.shown.empty() ? "This prints the message in capitals." : "This prints `" + sample.shown + "`.";
    if (chosen.transport == "ws")
        text += " A browser finds the page at `http://127.0.0.1:8080/`.";
    return text;
}

std::string about_certificate(const project& chosen) {
    if (chosen.transport != "tls")
        return {};
    return "\nThe service and the container use the certificate `/etc/" + chosen.name +
           "/chain.pem`, with the key `key.pem` beside it.\n"
           "root reads the key for the service. The container runs as the user 65534: let this user read the key, "
           "or give\n`docker run` the option `--user` with one that can.\n";
}

std::string docker_options(const project& chosen) {
    const std::string port = usual_port(chosen);
    std::string text = "-p " + port + ":" + port + (chosen.transport == "udp" ? "/udp" : "");
    if (chosen.transport == "tls") {
        const std::string directory = "/etc/" + chosen.name;
        text += " -v " + directory + ":" + directory + ":ro";
    }
    return text;
}

} // namespace

template_values values_for(const project& chosen) {
    const sample_exchange sample = chosen.has_own_framing() ? own_sample() : sample_for(chosen);
    const words options = talk_options(chosen);
    const words local = server_place{"127.0.0.1", usual_port(chosen), ""}.arguments(chosen);
    const words tested = server_place{"127.0.0.1", "0", ""}.arguments(chosen);
    const words installed = server_place{"0.0.0.0", usual_port(chosen), installed_directory(chosen)}.arguments(chosen);
    words asking{"fairlead", "talk", local.front()};
    asking.insert(asking.end(), options.begin(), options.end());
    const bool own = chosen.has_own_framing();
    return {
        {"ABOUT_CERTIFICATE", about_certificate(chosen)},
        {"ABOUT_FRAMING", about_framing(chosen)},
        {"ABOUT_REPLY", about_reply(chosen, sample)},
        {"ANSWER", sample.answer},
        {"ARGUMENTS", shell_words(local)},
        {"ASK", sample.printing + " | " + shell_words(asking)},
        {"CERTIFICATE", chosen.transport == "tls" ? "sh test/certificate.sh\n" : ""},
        {"DOCKER_OPTIONS", docker_options(chosen)},
        {"INSTALLED_ARGUMENTS", shell_words(installed)},
        {"INSTALLED_LITERALS", literals(installed)},
        {"LAST_PACKAGES", chosen.transport == "tls" ? ", python3 and openssl" : " and python3"},
        {"NAME", chosen.name},
        {"QUESTION", sample.question},
        {"SOURCES", own ? "src/framing.cpp src/handler.cpp" : "src/handler.cpp"},
        {"SPEC", inside_literal(chosen.framing)},
        {"TALK_OPTIONS", literals(options)},
        {"TESTED_ARGUMENTS", literals(tested)},
        {"TEST_SOURCES", own ? "framing_test.cpp handler_test.cpp" : "handler_test.cpp"},
        {"URL", local.front()},
    };
}

} // namespace fairlead::command
