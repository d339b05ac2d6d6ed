#include "http/http_response.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

TEST(http_response, has_a_date_a_length_and_headers_that_protect_it) {
    const std::string head = http_head(text_response(503, "no"), after_response::close, 784111777);
    EXPECT_EQ(head.substr(0, head.find("\r\n")), "HTTP/1.1 503 Service Unavailable");
    for (const char* each :
         {"\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "\r\nContent-Length: 3\r\n", "\r\nConnection: close\r\n",
          "\r\nX-Content-Type-Options: nosniff\r\n", "\r\nCache-Control: no-store\r\n",
          "\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"})
        EXPECT_NE(head.find(each), std::string::npos) << each << " in " << head;
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
}

TEST(http_response, without_a_length_ends_with_the_connection) {
    const std::string head = http_head_until_close({.type = "text/event-stream"}, 0);
    EXPECT_EQ(head.find("Content-Length"), std::string::npos);
    EXPECT_NE(head.find("Connection: close"), std::string::npos);
}

TEST(http_response, says_errors_in_json) {
    EXPECT_EQ(error_response(404, "no \"x\"").body, "{\"error\":\"no \\\"x\\\"\"}\n");
    EXPECT_EQ(done_response("it is").body, "{\"done\":\"it is\"}\n");
}

} // namespace fairlead::test
