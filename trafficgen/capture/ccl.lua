-- The signature in the frames of the ccl traffic generator, for Wireshark and
-- tshark. Put this file into the folder of personal Lua plugins (Help, About,
-- Folders), or give it by -X lua_script:ccl.lua.
--
--   offset  bytes  field
--   0       2      magic, 0xCC1A
--   2       2      run
--   4       2      stream; the top bit marks a learning frame
--   6       4      sequence
--   10      8      send time, nanoseconds since 1970
--   18      4      CRC-32C of the padding behind it, in longer payloads
local ccl = Proto("ccl", "CCL traffic signature")
local MAGIC, SIGNATURE, CRC = 0xcc1a, 18, 4

local run = ProtoField.uint16("ccl.run", "Run", base.HEX)
local stream = ProtoField.uint16("ccl.stream", "Stream", base.DEC, nil, 0x7fff)
local learning = ProtoField.bool("ccl.learning", "Learning frame", 16, nil, 0x8000)
local seq = ProtoField.uint32("ccl.seq", "Sequence")
local sent = ProtoField.absolute_time("ccl.sent", "Sent", base.UTC)
local delay = ProtoField.double("ccl.delay", "Delay in microseconds")
local crc = ProtoField.uint32("ccl.crc", "CRC-32C of the padding", base.HEX)
ccl.fields = { run, stream, learning, seq, sent, delay, crc }

-- signed tells whether a payload begins with a signature.
local function signed(buffer)
  return buffer:len() >= SIGNATURE and buffer(0, 2):uint() == MAGIC
end

-- moment is a time of so many nanoseconds since 1970.
local function moment(nanoseconds)
  return NSTime.new((nanoseconds / 1000000000):tonumber(), (nanoseconds % 1000000000):tonumber())
end

local function dissect(buffer, packet, tree)
  if not signed(buffer) then return false end
  local left = moment(buffer(10, 8):uint64())
  local number, warm = buffer(4, 2):uint() % 0x8000, buffer(4, 2):uint() >= 0x8000
  packet.cols.protocol = "CCL"
  packet.cols.info = string.format("stream %d, sequence %d%s", number, buffer(6, 4):uint(), warm and ", learning" or "")
  local branch = tree:add(ccl, buffer(), "CCL traffic signature")
  branch:add(run, buffer(2, 2))
  branch:add(stream, buffer(4, 2))
  branch:add(learning, buffer(4, 2))
  branch:add(seq, buffer(6, 4))
  branch:add(sent, buffer(10, 8), left)
  branch:add(delay, (packet.abs_ts - left:tonumber()) * 1e6):set_generated()
  if buffer:len() > SIGNATURE + CRC then branch:add(crc, buffer(SIGNATURE, CRC)) end
  return true
end

ccl.dissector = dissect
ccl:register_heuristic("udp", dissect)
ccl:register_heuristic("tcp", dissect)
