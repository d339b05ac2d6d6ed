#include "udp_options.hpp"

#include "options.hpp"

#include <string>
#include <vector>

namespace fairlead::command {

multicast_group parse_group(std::string_view text) {
    const auto mark = text.find('@');
    if (mark == std::string_view::npos)
        return {.address = std::string{text}};
    return {.address = std::string{text.substr(0, mark)}, .interface = std::string{text.substr(mark + 1)}};
}

void add_udp_options(CLI::App& command, udp_options& how) {
    add_count(command, "--reply-ratio", how.max_reply_ratio,
              "UDP: bytes of replies for each byte of a datagram, headers\nincluded; 0: no limit");
    add_count(command, "--reply-rate", how.reply_rate,
              "UDP: replies a second to one IPv4 address or IPv6 /64, in\nbursts of ten times as many; 0: no limit");
    command.add_flag("--answer-services", how.answer_services,
                     "UDP: also reply to ports of services, such as 7, 53 and 123");
    add_size(command, "--udp-receive-buffer", how.receive_buffer,
             "UDP: receive buffer of the system for each thread (SO_RCVBUF);\n0: its default");
    add_size(command, "--udp-send-buffer", how.send_buffer,
             "UDP: send buffer of the system (SO_SNDBUF); 0: its default");
    command.add_flag_callback(
        "--no-udp-offload", [&how] { how.offload = false; }, "UDP: do not use UDP_SEGMENT and UDP_GRO");
    command
        .add_option_function<std::vector<std::string>>(
            "--multicast",
            [&how](const std::vector<std::string>& texts) {
                for (const std::string& each : texts)
                    how.groups.push_back(parse_group(each));
            },
            "UDP: a multicast group to join, such as 239.255.0.1 or\nff02::1234@eth0; may be repeated")
        ->type_name("GROUP[@INTERFACE]")
        ->take_all()
        ->allow_extra_args(false);
}

} // namespace fairlead::command
