-- Ends an attempt that admit.lua has let through.
--
-- KEYS[1]: as in admit.lua. KEYS[2…]: one hash per limit that applied; the first is the client's own delay.
-- ARGV: the time, the reservation's name, "right", "wrong", or "unknown" if nothing was hashed, how many
-- seconds a network stays known, the number of hashes; then for each limit as in admit.lua.

local now, reservation, outcome, known_seconds = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]
local hashes = tonumber(ARGV[5])

local function count_failure(key, size, seconds)
  local stored = redis.call("HMGET", key, "failures", "at")
  local failures, at = tonumber(stored[1] or 0), tonumber(stored[2] or now)
  local forgotten = math.max(0, math.floor((now - at) / seconds))
  failures, at = math.max(0, failures - forgotten), at + forgotten * seconds
  if failures == 0 then
    at = now
  end
  failures = failures + 1
  redis.call("HSET", key, "failures", failures, "at", at)
  if failures >= size then
    redis.call("HSET", key, "next", now + math.min(seconds, 2 ^ (failures - size)))
  end
  redis.call("EXPIRE", key, math.ceil((failures + 2) * seconds))
end

for index = 2, #KEYS do
  local kind, _, size, seconds = unpack(ARGV, 4 * index - 2, 4 * index + 1)
  if kind == "delay" then
    redis.call("HDEL", KEYS[index], "running:" .. reservation)
    if outcome == "wrong" then
      count_failure(KEYS[index], tonumber(size), tonumber(seconds))
    end
  elseif outcome == "unknown" and redis.call("EXISTS", KEYS[index]) == 1 then
    redis.call("HINCRBYFLOAT", KEYS[index], "level", -hashes)
  end
end
if outcome == "right" then
  redis.call("HDEL", KEYS[2], "failures", "at", "next")
  if KEYS[1] ~= "" then
    redis.call("SET", KEYS[1], "1", "EX", known_seconds)
  end
end
