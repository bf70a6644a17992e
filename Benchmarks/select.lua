-- A wrk script: POSTs one body over and over and ends with one JSON line.
--   BODY=body.json TOKEN=... TARGET_PATH=/api/... wrk -t1 -c100 -d10s --latency -s select.lua http://127.0.0.1:8080

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

-- No response() hook: it would make wrk copy every body into Lua and become the bottleneck. wrk
-- itself counts the statuses from 400 up; the servers under test have no redirects to send.
function done(summary, latency, requests)
  local errors = summary.errors
  local seconds = summary.duration / 1e6
  io.write(string.format(
    '{"requests_per_second":%.1f,"p50_ms":%.3f,"p95_ms":%.3f,"p99_ms":%.3f,' ..
    '"requests":%d,"seconds":%.3f,"non_2xx":%d,"socket_errors":%d}\n',
    summary.requests / seconds,
    latency:percentile(50) / 1000,
    latency:percentile(95) / 1000,
    latency:percentile(99) / 1000,
    summary.requests,
    seconds,
    errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
