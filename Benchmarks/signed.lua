-- A wrk script for one thread: sends whole requests of one length from a file, each once, and ends with one JSON line.
--   REQUESTS=requests.bin REQUEST_BYTES=480 wrk -t1 -c64 -d10s -s signed.lua http://127.0.0.1:8080

dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "report.lua")

local length = tonumber(os.getenv("REQUEST_BYTES")) or error("REQUEST_BYTES must be the length of a request")
local file

function init(args)
  file = assert(io.open(os.getenv("REQUESTS") or error("REQUESTS must name the file of requests"), "rb"))
  file:setvbuf("full", 1048576)
end

function request()
  local text = file:read(length)
  if not text then
    -- Starting over would send events that are there already, which cost less than new ones.
    io.stderr:write("the signed requests were used up before the time was\n")
    os.exit(1)
  end
  return text
end
