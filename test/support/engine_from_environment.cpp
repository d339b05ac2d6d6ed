// FAIRLEAD_TEST_ENGINE=io_uring has a program of tests run with that engine wherever a test names none.

#include "runtime/poller.hpp"

#include <cstdlib>
#include <string_view>

namespace fairlead::test {

namespace {

const bool engine_is_set = [] {
    const char* const wanted = std::getenv("FAIRLEAD_TEST_ENGINE");
    if (wanted && std::string_view{wanted} == "io_uring")
        automatic_engine = engine::io_uring;
    return true;
}();

} // namespace

} // namespace fairlead::test
