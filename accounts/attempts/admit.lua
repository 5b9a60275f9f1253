-- Decides whether a password may be hashed now. If so, reserves a place in every limit that applies;
-- if not, changes nothing.
--
-- KEYS[1]: exists if the account has logged in from this network before; "" if there is no network.
-- KEYS[2…]: one hash per limit.
-- ARGV: the time, the reservation's name and end, "1" for a known device, the number of hashes; then for
-- each limit: its kind, whom it applies to, its size and seconds.
-- Returns "yes", "wait" or "busy"; 1 if the client is known; the seconds to wait as text.

local now, reservation, ends, hashes = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[5])
local known = ARGV[4] == "1" or (KEYS[1] ~= "" and redis.call("EXISTS", KEYS[1]) == 1)
local wait, busy, writes = 0, false, {}

local function read(key)
  local flat, record = redis.call("HGETALL", key), {}
  for index = 1, #flat, 2 do
    record[flat[index]] = flat[index + 1]
  end
  return record
end

local function check_budget(key, size, seconds)
  local record = read(key)
  local passed = math.max(0, now - tonumber(record.at or now))
  local level = math.max(0, tonumber(record.level or 0) - passed * size / seconds) + hashes
  wait = math.max(wait, (level - size) * seconds / size)
  table.insert(writes, {key, math.ceil(2 * seconds), "level", level, "at", now})
end

local function check_delay(key, size, seconds)
  local record = read(key)
  local failures = tonumber(record.failures or 0)
  failures = math.max(0, failures - math.max(0, math.floor((now - tonumber(record.at or now)) / seconds)))
  local running = 0
  for field, value in pairs(record) do
    if string.sub(field, 1, 8) == "running:" then
      if tonumber(value) > now then
        running = running + 1
      else
        redis.call("HDEL", key, field)
      end
    end
  end
  wait = math.max(wait, tonumber(record.next or 0) - now)
  -- As many as would reach the limit if all of them were wrong; the others wait for their end.
  busy = busy or running >= math.max(1, size - failures)
  table.insert(writes, {key, math.ceil((failures + 2) * seconds), "running:" .. reservation, ends})
end

for index = 2, #KEYS do
  local kind, whom, size, seconds = unpack(ARGV, 4 * index - 2, 4 * index + 1)
  if whom == "all" or (whom == "known") == known then
    local check = kind == "budget" and check_budget or check_delay
    check(KEYS[index], tonumber(size), tonumber(seconds))
  end
end

if wait > 0 then
  return {"wait", known and 1 or 0, tostring(wait)}
end
if busy then
  return {"busy", known and 1 or 0, "0"}
end
for _, write in ipairs(writes) do
  redis.call("HSET", write[1], unpack(write, 3))
  redis.call("EXPIRE", write[1], write[2])
end
return {"yes", known and 1 or 0, "0"}
