#include "start_advice.hpp"

#include <gtest/gtest.h>

namespace fairlead::command {

namespace {

const error_code refused = boost::system::errc::make_error_code(boost::system::errc::connection_refused);
const error_code no_file = boost::system::errc::make_error_code(boost::system::errc::no_such_file_or_directory);
const error_code no_route = boost::system::errc::make_error_code(boost::system::errc::host_unreachable);

} // namespace

TEST(start_advice, is_given_where_a_server_is_missing_on_this_machine) {
    for (const char* const where :
         {"tcp://127.0.0.1:9000", "tcp://127.1.2.3:9000", "tcp://[::1]:9000", "tcp://localhost:9000",
          "udp://127.0.0.1:9000", "unix:///run/echo.sock", "unix://@echo"})
        EXPECT_EQ(start_advice(url::parse(where), refused),
                  std::string{"; start one with: fairlead serve echo --listen "} + where);
    EXPECT_NE(start_advice(url::parse("unix:///run/echo.sock"), no_file), "");
    EXPECT_EQ(
        start_advice(url::parse("tls://localhost:9000"), refused),
        "; start one with: fairlead serve echo --listen tls://localhost:9000 --tls-certificate FILE --tls-key FILE");
}

TEST(start_advice, is_not_given_where_it_would_not_help) {
    for (const char* const where : {"tcp://192.0.2.1:9000", "tcp://example.org:9000", "tcp://[2001:db8::1]:9000"})
        EXPECT_EQ(start_advice(url::parse(where), refused), "") << where;
    EXPECT_EQ(start_advice(url::parse("tcp://127.0.0.1:9000"), no_route), "");
    EXPECT_EQ(start_advice(url::parse("tcp://127.0.0.1:9000"), no_file), "");
    EXPECT_EQ(start_advice(url::parse("unix:///run/echo.sock"), no_route), "");
}

} // namespace fairlead::command
