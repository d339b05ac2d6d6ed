#pragma once

/// All of Fairlead. Most files need only <fairlead/handler.hpp> or <fairlead/session.hpp>.

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/client.hpp>
#include <fairlead/connect.hpp>
#include <fairlead/connection_pool.hpp>
#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>
#include <fairlead/file_transfer/file_name.hpp>
#include <fairlead/file_transfer/send_files.hpp>
#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/fixed_size.hpp>
#include <fairlead/framing/framing.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/parse.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/framing/varint_prefixed.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/file_receiver.hpp>
#include <fairlead/handlers/reply.hpp>
#include <fairlead/handlers/uppercase.hpp>
#include <fairlead/limits.hpp>
#include <fairlead/logging.hpp>
#include <fairlead/runtime.hpp>
#include <fairlead/server.hpp>
#include <fairlead/session.hpp>
#include <fairlead/socket_options.hpp>
#include <fairlead/statistics.hpp>
#include <fairlead/transport/stream.hpp>
#include <fairlead/udp.hpp>
#include <fairlead/udp_client.hpp>
#include <fairlead/url.hpp>
