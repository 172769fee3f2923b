-- Asks for one start.
-- KEYS: slots (holder -> when it ends), state, workers (worker -> when it is forgotten), and who
-- waits: high, medium (worker -> when its word is void).
-- ARGV: holder, worker, requests at once, gap, a slot's life, a worker's life, urgency (0 high, 1
-- medium, 2 low), life of a waiter's word, whether more of that urgency wait at this worker, the gap
-- that is widened at least, finished holders...
-- All times are milliseconds of Redis's own clock. Answers {what, wait, workers, probe, now, state}.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local worker = ARGV[2]
local limit, gap = tonumber(ARGV[3]), tonumber(ARGV[4])
local slot_life, worker_life = tonumber(ARGV[5]), tonumber(ARGV[6])
local urgency, word_life, more = tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9] == '1'

for place = 11, #ARGV do
  redis.call('ZREM', KEYS[1], ARGV[place])
end

redis.call('ZADD', KEYS[3], now + worker_life, worker)
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
redis.call('PEXPIRE', KEYS[3], worker_life)
local workers = redis.call('ZCARD', KEYS[3])

local names = {'version', 'paused', 'refused', 'rests', 'probe_at', 'probing', 'percent', 'good', 'limited_at', 'next'}
local state = redis.call('HMGET', KEYS[2], unpack(names))
for place, name in ipairs(names) do
  state[place] = tonumber(state[place] or (name == 'percent' and '100' or '0'))
end
local paused, rests, probe_at, probing = state[2], state[4], state[5], state[6]
local percent, next_start = state[7], state[10]

local function answer(what, wait, probe)
  return {what, wait, workers, probe, now, state}
end

-- The others let a more urgent one go first for as long as its word holds.
local mine = KEYS[4 + urgency]
local function wait_for(what, wait)
  if urgency < 2 then
    redis.call('ZADD', mine, now + wait + word_life, worker)
    redis.call('PEXPIRE', mine, wait + word_life + 1000)
  end
  return answer(what, wait, 0)
end

if rests > 0 and math.max(probe_at, probing) > now then
  return answer(4, math.max(probe_at, probing) - now, 0)
end
if paused > now then
  return wait_for(1, paused - now)
end
if next_start > now then
  return wait_for(2, next_start - now)
end
if percent > 100 then
  limit = 1
  gap = math.ceil(math.max(gap, tonumber(ARGV[10])) * percent / 100)
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= limit then
  return wait_for(3, 0)
end
for place = 4, 3 + urgency do
  redis.call('ZREMRANGEBYSCORE', KEYS[place], '-inf', now)
  local waiting = redis.call('ZCARD', KEYS[place])
  if redis.call('ZSCORE', KEYS[place], worker) then
    waiting = waiting - 1
  end
  if waiting > 0 then
    return wait_for(3, 0)
  end
end

if urgency < 2 then
  if more then
    redis.call('ZADD', mine, now + gap + word_life, worker)
    redis.call('PEXPIRE', mine, gap + word_life + 1000)
  else
    redis.call('ZREM', mine, worker)
  end
end
redis.call('ZADD', KEYS[1], now + slot_life, ARGV[1])
-- Not shorter than what another worker's slot still needs.
redis.call('PEXPIRE', KEYS[1], math.max(slot_life, redis.call('PTTL', KEYS[1])))
local probe = 0
if rests > 0 then
  probe = 1
  state[6] = now + slot_life
  redis.call('HSET', KEYS[2], 'probing', state[6])
  state[1] = redis.call('HINCRBY', KEYS[2], 'version', 1)
end
if gap > 0 then
  redis.call('HSET', KEYS[2], 'next', now + gap)
end
if gap > 0 or probe == 1 then
  -- A scope that nobody asks is forgotten, but not what holds of it.
  redis.call('PEXPIRE', KEYS[2], math.max(gap, 7200000))
end
return answer(0, 0, probe)
