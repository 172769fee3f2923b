-- A request is over; also a look at the state.
-- KEYS: slots, state. ARGV: holder (empty: none). Answers {now, state}.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
if ARGV[1] ~= '' then
  redis.call('ZREM', KEYS[1], ARGV[1])
end
local names = {'version', 'paused', 'refused', 'rests', 'probe_at', 'probing', 'percent', 'good', 'limited_at', 'next'}
local state = redis.call('HMGET', KEYS[2], unpack(names))
for place, name in ipairs(names) do
  state[place] = tonumber(state[place] or (name == 'percent' and '100' or '0'))
end
return {now, state}
