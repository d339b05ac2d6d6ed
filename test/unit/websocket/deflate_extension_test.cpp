#include "websocket/deflate_extension.hpp"

#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

namespace {

std::string agreed(std::string_view offers) {
    const deflate_agreement made = agree_on_deflate(offers);
    return std::to_string(made.window) + " " + made.answer;
}

const std::string plain{deflate_offer};

} // namespace

TEST(deflate_extension, accepts_the_offers_of_browsers_and_clients) {
    EXPECT_EQ(agreed("permessage-deflate"), "15 " + plain);
    EXPECT_EQ(agreed("permessage-deflate; client_max_window_bits"), "15 " + plain);
    EXPECT_EQ(agreed("Permessage-Deflate;client_max_window_bits=\"10\"; server_no_context_takeover"), "15 " + plain);
    EXPECT_EQ(agreed("permessage-deflate; server_max_window_bits=12; client_max_window_bits=12"),
              "12 " + plain + "; server_max_window_bits=12");
    EXPECT_EQ(agreed(deflate_offer), "15 " + plain);
}

TEST(deflate_extension, takes_the_first_offer_that_it_can_accept) {
    EXPECT_EQ(agreed("permessage-bzip2, permessage-deflate; server_max_window_bits=8, permessage-deflate; unknown, "
                     "permessage-deflate; server_max_window_bits=9, permessage-deflate"),
              "9 " + plain + "; server_max_window_bits=9");
}

TEST(deflate_extension, accepts_no_offer_that_is_wrong) {
    for (const char* wrong :
         {"", "x-webkit-deflate-frame", "permessage-deflate; server_max_window_bits",
          "permessage-deflate; server_max_window_bits=16", "permessage-deflate; server_max_window_bits=09",
          "permessage-deflate; server_max_window_bits=8", "permessage-deflate; client_max_window_bits=7",
          "permessage-deflate; client_max_window_bits; client_max_window_bits",
          "permessage-deflate; server_no_context_takeover=1",
          "permessage-deflate; server_no_context_takeover; server_no_context_takeover", "permessage-deflate; level=9",
          ";", "permessage-deflate;;"})
        EXPECT_EQ(agreed(wrong), "0 ") << wrong;
}

TEST(deflate_extension, takes_only_answers_that_fit_the_offer) {
    EXPECT_TRUE(accepts_deflate_offer(deflate_offer));
    EXPECT_TRUE(accepts_deflate_offer("permessage-deflate; server_no_context_takeover"));
    EXPECT_TRUE(accepts_deflate_offer("permessage-deflate; server_no_context_takeover; server_max_window_bits=8"));
    for (const char* wrong :
         {"", "permessage-deflate", "permessage-deflate; client_no_context_takeover",
          "permessage-deflate; server_no_context_takeover; client_max_window_bits=10",
          "permessage-deflate; server_no_context_takeover, permessage-deflate; server_no_context_takeover",
          "permessage-deflate; server_no_context_takeover; level=9", "permessage-bzip2"})
        EXPECT_FALSE(accepts_deflate_offer(wrong)) << wrong;
}

} // namespace fairlead::test
