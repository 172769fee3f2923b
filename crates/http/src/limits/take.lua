-- Takes permits from buckets, all of a request at once, by Redis's own clock.
--
-- A key holds when its bucket is whole again, in microseconds. For each KEYS[i] five arguments: microseconds a permit takes
-- to come back, permits the bucket holds, permits wanted, permits given back, permits that were used while Redis was
-- not asked. Answers three numbers each: permits granted, permits left, and microseconds until the next permit
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local told = {}
for i, key in ipairs(KEYS) do
    local at = (i - 1) * 5
    local period, holds = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
    local wanted, back, owed = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5])
    local whole = tonumber(redis.call('GET', key)) or now
    -- What is given back makes no bucket hold more than it can.
    whole = math.max(whole - back * period, now + owed * period, now)
    local room = math.floor((now + holds * period - whole) / period + 0.000001)
    local granted = math.max(0, math.min(wanted, room))
    whole = whole + granted * period
    if granted > 0 or back > 0 or owed > 0 then
        redis.call('SET', key, string.format('%.3f', whole), 'PX', math.ceil((whole - now) / 1000) + 1)
    end
    local wait = 0
    if granted == 0 then
        wait = math.max(1, math.ceil(whole + period - holds * period - now))
    end
    told[#told + 1] = granted
    told[#told + 1] = math.max(0, room - granted)
    told[#told + 1] = wait
end
return told
