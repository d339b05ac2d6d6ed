#pragma once

#include <fairlead/handler.hpp>

/// Answers a message with the same text in capitals. Called once for each message.
void serve(fairlead::bytes_view message, fairlead::peer& from);
