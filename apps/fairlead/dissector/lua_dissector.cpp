#include "dissector/lua_dissector.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace fairlead::command {

namespace {

// Each `measure` returns the sizes of header, message and ending; or nil and how many bytes the message lacks; or nil, nil, the
// fault and its reason. `from` is less than bytes:len(). Wireshark asks only once how many bytes are missing, so that where the
// header is not whole the answer is more_bytes.

constexpr std::string_view measure_length = R"lua(
local width, little_endian = @WIDTH@, @LITTLE@

local function measure(bytes, from)
    local left = bytes:len() - from
    if left < width then
        return nil, more_bytes
    end
    local size = 0.0 -- not an integer, which would wrap
    for i = 0, width - 1 do
        size = size * 256 + bytes(from + (little_endian and width - 1 - i or i), 1):uint()
    end
    if size > largest then
        return nil, nil, too_large, string.format("the length says %.0f, a message has up to %.0f bytes", size, largest)
    end
    if left < width + size then
        return nil, width + size - left
    end
    return width, size, 0
end
)lua";

constexpr std::string_view measure_varint = R"lua(
local function measure(bytes, from)
    local size, digits, byte = 0, 0, nil
    repeat
        if from + digits == bytes:len() then
            return nil, more_bytes
        end
        byte = bytes(from + digits, 1):uint()
        if digits == 9 and byte > 1 then
            return nil, nil, malformed, "the length has more than 64 bits"
        end
        if digits > 0 and byte == 0 then
            return nil, nil, malformed, "the length has more bytes than necessary"
        end
        size = size + byte % 128 * 128 ^ digits
        digits = digits + 1
    until byte < 128
    if size > largest then
        return nil, nil, too_large, string.format("the length says %.0f, a message has up to %.0f bytes", size, largest)
    end
    local left = bytes:len() - from
    if left < digits + size then
        return nil, digits + size - left
    end
    return digits, size, 0
end
)lua";

constexpr std::string_view measure_delimited = R"lua(
local delimiter = "@DELIMITER@"
local longest = @LONGEST@

local function measure(bytes, from)
    local text = bytes:raw(from, math.min(bytes:len() - from, largest + longest))
    local first = text:find(delimiter, 1, true)
    if not first and #text < largest + longest then
        return nil, more_bytes
    end
    local size, ending = (first or #text + 1) - 1, #delimiter@CARRIAGE_RETURN@
    if not first or size > largest then
        return nil, nil, too_large, string.format("there is no end of a message within %.0f bytes", largest)
    end
    return 0, size, ending
end
)lua";

constexpr std::string_view carriage_return = R"lua(
    if first and size > 0 and text:byte(size) == 13 then
        size, ending = size - 1, 2
    end)lua";

constexpr std::string_view measure_fixed = R"lua(
local function measure(bytes, from)
    local left = bytes:len() - from
    if left < largest then
        return nil, largest - left
    end
    return 0, largest, 0
end
)lua";

constexpr std::string_view measure_raw = R"lua(
local function measure(bytes, from)
    return 0, math.min(bytes:len() - from, largest), 0
end
)lua";

constexpr std::string_view beginning =
    R"lua(-- Wireshark dissector for @NAME@ on TCP port @PORT@, written by fairlead dissector.
-- Load it with: wireshark -X lua_script:FILE, or put it into the folder of personal Lua plugins.
-- Segments out of order need the preference tcp.reassemble_out_of_order.

local protocol = Proto("@NAME@", "@NAME@ (@FRAMING@)")
local fields = protocol.fields
fields.header = ProtoField.bytes("@NAME@.header", "Header")
fields.size = ProtoField.uint32("@NAME@.size", "Bytes")
fields.message = ProtoField.bytes("@NAME@.message", "Message")
fields.fault = ProtoField.string("@NAME@.fault", "Fault")

local too_large = "message_too_large"
local malformed = "malformed"
local experts = {
    [too_large] = ProtoExpert.new("@NAME@.too_large", "Message too large", expert.group.MALFORMED, expert.severity.ERROR),
    [malformed] = ProtoExpert.new("@NAME@.malformed", "Malformed", expert.group.MALFORMED, expert.severity.ERROR),
}
local after_fault = ProtoExpert.new("@NAME@.after_fault", "Behind a fault", expert.group.UNDECODED, expert.severity.NOTE)
local not_whole = ProtoExpert.new("@NAME@.not_whole", "Not whole", expert.group.REASSEMBLE, expert.severity.WARN)
protocol.experts = {experts[too_large], experts[malformed], after_fault, not_whole}

local largest = @LARGEST@ -- bytes of a message
local more_bytes = DESEGMENT_ONE_MORE_SEGMENT
)lua";

constexpr std::string_view dissector = R"lua(
-- A stream cannot be divided behind a fault. Streams between the same ports count as one, for the first of Wireshark's
-- passes does not know their numbers.
local broken, behind = {}, {}

function protocol.init()
    broken, behind = {}, {}
end

local function is_behind_fault(bytes, packet, direction)
    local place = packet.number .. ":" .. bytes:offset()
    if not packet.visited and broken[direction] then
        behind[place] = true
    end
    return behind[place]
end

local function text_of(bytes, from, size)
    local shown = bytes:raw(from, math.min(size, 60)):gsub("[^\32-\126]", ".")
    return size > 60 and shown .. "..." or shown
end

-- Returns the beginning of the message as text.
local function add_message(tree, bytes, from, header, size, ending)
    local text = size > 0 and text_of(bytes, from + header, size) or ""
    local branch = tree:add(protocol, bytes(from, header + size + ending))
    branch:set_text(string.format("@NAME@ message, %.0f bytes: %s", size, text))
    if header > 0 then
        branch:add(fields.header, bytes(from, header))
    end
    branch:add(fields.size, bytes(from, header + size + ending), size)
    if size > 0 then
        branch:add(fields.message, bytes(from + header, size))
    end
    return text
end

local function add_fault(tree, bytes, from, fault, why)
    local branch = tree:add(protocol, bytes(from))
    branch:set_text("@NAME@ " .. fault .. ": " .. why)
    branch:add(fields.fault, bytes(from), fault)
    branch:add_proto_expert_info(experts[fault], why)
end

function protocol.dissector(bytes, packet, tree)
    packet.cols.protocol = "@NAME@"
    local direction = string.format("%s %d %s %d", packet.src, packet.src_port, packet.dst, packet.dst_port)
    if is_behind_fault(bytes, packet, direction) then
        tree:add(protocol, bytes()):add_proto_expert_info(after_fault)
        return
    end
    local from, messages, first = 0, 0, nil
    while from < bytes:len() do
        local header, size, ending, why = measure(bytes, from)
        if header then
            local text = add_message(tree, bytes, from, header, size, ending)
            first = first or text
            from, messages = from + header + size + ending, messages + 1
        elseif ending then
            add_fault(tree, bytes, from, ending, why)
            broken[direction] = true
            packet.cols.info = ending .. ": " .. why
            return
        elseif packet.can_desegment == 0 then
            tree:add(protocol, bytes(from)):add_proto_expert_info(not_whole,
                "a part of a message; packets are cut, or the preference tcp.desegment_tcp_streams is off")
            return
        else
            packet.desegment_offset = from
            packet.desegment_len = size
            break
        end
    end
    if messages > 0 then
        packet.cols.info = messages == 1 and first or string.format("%s (and %d more)", first, messages - 1)
    end
end

DissectorTable.get("tcp.port"):add(@PORT@, protocol)
)lua";

void replace(std::string& text, std::string_view mark, std::string_view value) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size()))
        text.replace(at, mark.size(), value);
}

// Lua has the escapes that the text of a framing has.
std::string lua_text(std::string text) {
    replace(text, "\"", "\\\"");
    return text;
}

std::string measure_of(std::string_view spec) {
    std::string code;
    if (spec.starts_with("length")) {
        code = measure_length;
        replace(code, "@WIDTH@", spec.size() > 7 ? spec.substr(7, 1) : "4");
        replace(code, "@LITTLE@", spec.ends_with(":le") ? "true" : "false");
    } else if (spec == "varint") {
        code = measure_varint;
    } else if (spec == "line") {
        code = measure_delimited;
        replace(code, "@LONGEST@", "2");
        replace(code, "@CARRIAGE_RETURN@", carriage_return);
        replace(code, "@DELIMITER@", "\\n");
    } else if (spec.starts_with("delimiter:")) {
        code = measure_delimited;
        replace(code, "@LONGEST@", "#delimiter");
        replace(code, "@CARRIAGE_RETURN@", "");
        replace(code, "@DELIMITER@", lua_text(std::string{spec.substr(10)}));
    } else if (spec.starts_with("fixed:")) {
        code = measure_fixed;
    } else {
        code = measure_raw;
    }
    return code;
}

bool is_name(std::string_view name) {
    const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    return !name.empty() && name.size() <= 40 && letter(name[0]) && std::ranges::all_of(name, [&](char c) {
        return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

} // namespace

std::string lua_dissector(const framing& rules, std::uint16_t port, const std::string& name) {
    const std::string spec = rules.to_string();
    if (spec.starts_with("websocket"))
        throw std::invalid_argument{
            "Wireshark has a dissector for WebSocket itself, which begins at the request of HTTP; "
            "filter by websocket, and where the request is missing choose it by Decode As"};
    if (!is_name(name))
        throw std::invalid_argument{
            "the name '" + escape(name) +
            "' cannot be that of a protocol; take lower-case letters, digits, _ and -, up to 40"};
    std::string head{beginning};
    std::string body{dissector};
    for (std::string* each : {&head, &body}) {
        replace(*each, "@NAME@", name);
        replace(*each, "@PORT@", std::to_string(port));
    }
    replace(head, "@LARGEST@", std::to_string(rules.max_message()));
    std::string shown = spec;
    replace(shown, "\\", R"(\\)");
    replace(head, "@FRAMING@", lua_text(shown)); // the last, for it may be any text
    return head + measure_of(spec) + body;
}

} // namespace fairlead::command
