-- What wrk prints no option for: its 99.9th percentile, and all in full.
done = function(summary, latency)
  io.write(string.format(
    "PERCENTILES %d %d %d %d %d\n", summary.requests,
    latency:percentile(50), latency:percentile(90),
    latency:percentile(99), latency:percentile(99.9)))
end
