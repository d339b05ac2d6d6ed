#pragma once

#include <fairlead/framing/framing.hpp>

/// Returns the framing of the protocol: it says where a message ends.
inline fairlead::framing message_framing() {
    return "@SPEC@";
}
