// Structs of the library with some members given by name, as programs write them: no warning of a missing one.

#include <fairlead/fairlead.hpp>

namespace fairlead::test {

[[maybe_unused]] const auto options_by_name = [] {
    using std::chrono::seconds;
    (void)admin_options{.token_file = "x"};
    (void)client_options{.max_waiting = 1};
    (void)close_reason{.code = {}};
    (void)connect_options{.deadline = seconds{1}};
    (void)decoded{.wanted = 1};
    (void)delimited_options{.delimiters = {"x"}};
    (void)drain_result{.finished = 1};
    (void)failed_file{.name = "x"};
    (void)file_receiver_options{.directory = "x"};
    (void)file_receiver_statistics{.stored = 1};
    (void)file_to_send{.path = "x"};
    (void)length_prefixed_options{.width = 2};
    (void)limits{.max_sessions = 1};
    (void)line_options{.accept_unterminated_last = true};
    (void)multicast_group{.address = "x"};
    (void)offered_file{.name = "x"};
    (void)pool_options{.max = 1};
    (void)raw_options{.max_message = 1};
    (void)reconnect_options{.max_delay = seconds{1}};
    (void)send_files_options{.retries = 1};
    (void)send_progress{.sent = 1};
    (void)sent_file{.path = "x"};
    (void)server_options{.threads = 1};
    (void)socket_options{.linger = seconds{1}};
    (void)stored_file{.name = "x"};
    (void)udp_client_options{.send_buffer = 1};
    (void)udp_options{.max_message = 1};
    (void)url{.host = "x"};
    (void)utf8_character{.size = 1};
    (void)varint_prefixed_options{.max_message = 1};
    return 0;
}();

} // namespace fairlead::test
