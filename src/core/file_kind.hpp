#pragma once

#include <sys/stat.h>

namespace fairlead {

/// Returns the kind of file that a mode (stat(2)) stands for, worded for a sentence.
inline const char* file_kind(::mode_t mode) noexcept {
    switch (mode & S_IFMT) {
    case S_IFREG: return "a regular file";
    case S_IFLNK: return "a symbolic link";
    case S_IFDIR: return "a directory";
    case S_IFIFO: return "a FIFO";
    case S_IFSOCK: return "a socket";
    default: return "a device";
    }
}

} // namespace fairlead
