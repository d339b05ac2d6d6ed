#pragma once

#include <fairlead/bytes.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <new>

namespace fairlead::test {

/// Memory pages that can be made unreadable one by one: proof that code does not look at some bytes (again).
class sealed_pages {
public:
    sealed_pages(std::size_t count, char fill) : count_{count} {
        void* const mapped = ::mmap(nullptr, count * page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapped == MAP_FAILED)
            throw std::bad_alloc{};
        begin_ = static_cast<unsigned char*>(mapped);
        std::memset(begin_, fill, count * page_);
    }
    sealed_pages(const sealed_pages&) = delete;
    sealed_pages& operator=(const sealed_pages&) = delete;
    ~sealed_pages() { ::munmap(begin_, count_ * page_); }

    bytes_view pages(std::size_t count) const { return {begin_, count * page_}; }

    void write_at_end(bytes_view bytes) { write_at_end(bytes, count_); }

    /// Writes the last bytes of the first `pages` pages.
    void write_at_end(bytes_view bytes, std::size_t pages) {
        std::memcpy(begin_ + pages * page_ - bytes.size(), bytes.data(), bytes.size());
    }

    void seal(std::size_t pages) { ::mprotect(begin_, pages * page_, PROT_NONE); }
    void seal_behind(std::size_t pages) { ::mprotect(begin_ + pages * page_, (count_ - pages) * page_, PROT_NONE); }

private:
    std::size_t page_ = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    std::size_t count_;
    unsigned char* begin_;
};

} // namespace fairlead::test
