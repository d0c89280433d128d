-- find: the pair's session as it is; opens and renews nothing.
--
-- KEYS: session
-- ARGV: user
-- Returns { 'ok', session id, the user's epoch, ms left } or { 'none' }. Cost: O(1).
local v = redis.call('HMGET', KEYS[1], 'id', 'epoch:' .. ARGV[1])
if not v[1] then return { 'none' } end
return { 'ok', v[1], v[2] or '0', redis.call('PTTL', KEYS[1]) }
