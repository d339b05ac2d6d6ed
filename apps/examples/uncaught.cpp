// Each example is linked with this: an exception that leaves `main`, such as one of `listen` at an address in use, is one line on
// stderr and exit code 1. A program of your own catches std::exception in `main`.

#include <cstdlib>
#include <exception>
#include <iostream>

namespace {

[[noreturn]] void report_uncaught() noexcept {
    try {
        if (const auto thrown = std::current_exception())
            std::rethrow_exception(thrown);
    } catch (const std::exception& failed) {
        std::cerr << failed.what() << std::endl;
        std::_Exit(EXIT_FAILURE);
    } catch (...) {}
    std::abort();
}

[[maybe_unused]] const std::terminate_handler before = std::set_terminate(report_uncaught);

} // namespace
