#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <random>
#include <string>

namespace fairlead::test {

/// Random choices that a seed repeats, with any compiler.
class choices {
public:
    explicit choices(unsigned seed) : engine_{seed} {}

    std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>{0, end - 1}(engine_); }
    std::size_t up_to(std::size_t most) { return below(most + 1); }
    bool one_in(std::size_t n) { return below(n) == 0; }

    template <class T, std::size_t size>
    T one_of(const std::array<T, size>& values) {
        return values[below(size)];
    }

    /// The size of a message: small ones, those around the sizes of buffers and of lengths, and some large ones.
    std::size_t size(std::size_t most) {
        static constexpr std::array<std::size_t, 8> edges{0, 1, 127, 255, 4'096, 16'384, 32'768, 65'535};
        std::size_t chosen = up_to(300);
        switch (below(8)) {
        case 0: chosen = up_to(1); break;
        case 1:
            chosen = one_of(edges);
            chosen += below(3);
            break;
        case 2: chosen = up_to(5'000); break;
        case 3: chosen = one_in(4) ? 100'000 + up_to(60'000) : up_to(40'000); break;
        case 4: chosen = one_in(20) ? 260 * 1024 + up_to(20) : 2; break; // more than a block of a pool
        default: break;
        }
        return std::min(chosen, most);
    }

    /// Letters, of such a size.
    std::string text(std::size_t most) {
        static const std::string letters = [] {
            choices any{1};
            std::string made(1'000'000, ' ');
            std::ranges::generate(made, [&any] { return static_cast<char>('a' + any.below(26)); });
            return made;
        }();
        const std::size_t begin = below(letters.size() / 2);
        return letters.substr(begin, size(most));
    }

private:
    std::mt19937 engine_;
};

} // namespace fairlead::test
