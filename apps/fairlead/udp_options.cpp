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
              "UDP: times the bytes of a datagram that replies to it may\nhave, headers included; 0 means any size");
    add_count(command, "--reply-rate", how.reply_rate,
              "UDP: replies a second to one IPv4 address or IPv6 /64,\nten times as many at once; 0 means any number");
    command.add_flag("--answer-services", how.answer_services,
                     "UDP: reply also to ports of services, such as 7, 53 and 123");
    add_size(command, "--udp-receive-buffer", how.receive_buffer,
             "what the system is asked to hold for us, of each thread;\n0 means what it does by itself");
    add_size(command, "--udp-send-buffer", how.send_buffer, "the same for what it has yet to send");
    command.add_flag_callback(
        "--no-udp-offload", [&how] { how.offload = false; }, "UDP: no bundles of datagrams (UDP_SEGMENT, UDP_GRO)");
    command
        .add_option_function<std::vector<std::string>>(
            "--multicast",
            [&how](const std::vector<std::string>& texts) {
                for (const std::string& each : texts)
                    how.groups.push_back(parse_group(each));
            },
            "UDP: a group to join, such as 239.255.0.1 or\nff02::1234@eth0; may be repeated")
        ->type_name("GROUP[@INTERFACE]")
        ->take_all()
        ->allow_extra_args(false);
}

} // namespace fairlead::command
