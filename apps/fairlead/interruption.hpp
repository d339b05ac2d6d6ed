#pragma once

#include <atomic>

namespace fairlead::command {

/// Notes a Ctrl-C from now on, once; the next one ends the process. Where SIGINT is ignored, as in the background of a
/// script, it stays so.
const std::atomic<bool>& note_interruption();

/// Ends the process as the Ctrl-C would have.
[[noreturn]] void end_by_interruption();

} // namespace fairlead::command
