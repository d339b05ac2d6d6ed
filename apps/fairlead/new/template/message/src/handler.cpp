#include "handler.hpp"

#include <fairlead/handlers/uppercase.hpp>

void serve(fairlead::bytes_view message, fairlead::peer& from) {
    from.send(fairlead::to_upper(message));
}
