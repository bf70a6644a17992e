-- A wrk script: POSTs one body over and over and ends with one JSON line.
--   BODY=body.json TOKEN=... TARGET_PATH=/api/... wrk -t1 -c100 -d10s --latency -s select.lua http://127.0.0.1:8080

dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "report.lua")

local body_path = os.getenv("BODY") or error("BODY must name the file to send")
local file = assert(io.open(body_path, "rb"))

wrk.method = "POST"
wrk.path = os.getenv("TARGET_PATH") or error("TARGET_PATH must name the path to call")
wrk.body = file:read("*a")
wrk.headers["Content-Type"] = "application/json"
file:close()

local token = os.getenv("TOKEN")
if token and token ~= "" then
  wrk.headers["Authorization"] = "Bearer " .. token
end
