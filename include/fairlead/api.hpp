#pragma once

/// Marks the namespace of a public header: its names are exported by a shared library, all others are hidden.
#define FAIRLEAD_API [[gnu::visibility("default")]]

#include <fairlead/built_with.hpp>
