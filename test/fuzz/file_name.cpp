#include <fairlead/file_transfer/file_name.hpp>

#include "fuzz/fuzz_input.hpp"

using namespace fairlead;
using namespace fairlead::test;

// An accepted name is one component of a path, and so is its numbered form; of any path there is a last component.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz_input input{{data, size}};
    const std::size_t number = std::size_t{1} << input.byte() % 64;
    const std::string_view name = input.rest().text();

    const std::string_view last = last_component(name);
    expect(name.ends_with(last) && last_component(last) == last, "the last component has another one");
    expect(last.find('/') == std::string_view::npos, "the last component has a separator");

    const std::string numbered = numbered_file_name(name, number);
    if (const auto fault = fault_of_file_name(name)) {
        expect(fault->starts_with("a name must "), "a fault that is no sentence");
        return 0;
    }
    expect(!name.empty() && name.size() <= 255, "an accepted name of the wrong size");
    expect(name != "." && name != "..", "an accepted name of a directory");
    expect(name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos,
           "an accepted name that the system reads as another");
    expect(last == name, "an accepted name is not its last component");
    expect(!fault_of_file_name(numbered), "an accepted name is not accepted with a number");
    expect(numbered != name, "a number that is not there");
    return 0;
}
