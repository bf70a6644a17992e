-- Ends a wrk run with one JSON line. Loaded by the scripts beside it.

-- No response() hook anywhere: it would make wrk copy every body into Lua and become the bottleneck. wrk
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
