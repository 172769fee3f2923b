-- Asks for one start.
-- KEYS: slots (holder -> when it ends), next start, pause, workers (worker -> when it is forgotten).
-- ARGV: holder, worker, requests at once, gap, a slot's life, a worker's life, finished holders...
-- All times are milliseconds of Redis's own clock. Answers {what, wait, workers}.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local limit, gap = tonumber(ARGV[3]), tonumber(ARGV[4])
local slot_life, worker_life = tonumber(ARGV[5]), tonumber(ARGV[6])

for place = 7, #ARGV do
  redis.call('ZREM', KEYS[1], ARGV[place])
end

redis.call('ZADD', KEYS[4], now + worker_life, ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now)
redis.call('PEXPIRE', KEYS[4], worker_life)
local workers = redis.call('ZCARD', KEYS[4])

local paused = tonumber(redis.call('GET', KEYS[3]) or '0')
if paused > now then
  return {1, paused - now, workers}
end
local start = tonumber(redis.call('GET', KEYS[2]) or '0')
if start > now then
  return {2, start - now, workers}
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= limit then
  return {3, 0, workers}
end
redis.call('ZADD', KEYS[1], now + slot_life, ARGV[1])
-- Not shorter than what another worker's slot still needs.
redis.call('PEXPIRE', KEYS[1], math.max(slot_life, redis.call('PTTL', KEYS[1])))
if gap > 0 then
  redis.call('SET', KEYS[2], now + gap, 'PX', gap)
end
return {0, 0, workers}
