#include <fairlead/framing/framing.hpp>
