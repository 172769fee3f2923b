-- Nobody starts for a while; a longer pause in force stays.
-- KEYS: pause. ARGV: length in milliseconds.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local length = tonumber(ARGV[1])
if now + length > tonumber(redis.call('GET', KEYS[1]) or '0') then
  redis.call('SET', KEYS[1], now + length, 'PX', length)
end
return 1
