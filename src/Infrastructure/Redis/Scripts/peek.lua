-- peek: the pair's handshake as it is; opens and renews nothing.
--
-- KEYS: handshake
-- Returns { 'present', … } (see handshake.lua) or { 'none' }. Cost: O(1).
if redis.call('EXISTS', KEYS[1]) == 0 then return { 'none' } end
return answer('present', KEYS[1])
