-- peek: the pair's handshake as it is; opens and renews nothing.
--
-- KEYS: handshake
-- Returns what exchange returns, with the tag 'present', or { 'none' }. Cost: O(1).
local handshake = KEYS[1]
local v = redis.call('HMGET', handshake, 'mode', 'key', 'session', 'first', 'done', 'public:first', 'public:other')
if not v[3] then return { 'none' } end
return { 'present', v[1], v[2] or '', v[3], v[4], v[5] or '0', redis.call('PTTL', handshake), v[6] or '', v[7] or '' }
