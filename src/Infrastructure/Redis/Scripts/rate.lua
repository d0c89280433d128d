-- rate: counts one thing that may happen so often at once and then evenly, by the store's clock. One script, because calls on
-- many nodes must together get no more than that. What is kept is the moment from which on nothing counts any more.
--
-- KEYS: the rate
-- ARGV: µs between two, µs after which as many may happen at once again
-- Returns { 'taken' } or { 'wait', µs }; what has to wait is not counted. Cost: O(1).
local rate = KEYS[1]
local period, span = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = microseconds()

-- Never further off than it can be: behind a fail-over the clock may be another one.
local rested = math.min(math.max(tonumber(redis.call('GET', rate) or '0'), time), time + span)
local wait = rested + period - span - time
if wait > 0 then return { 'wait', string.format('%d', wait) } end

rested = rested + period
redis.call('SET', rate, string.format('%d', rested), 'PX', string.format('%d', math.ceil((rested - time) / 1000)))
return { 'taken' }
