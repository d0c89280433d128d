-- revoke: keeps until when a user's tokens are revoked, and tells all nodes. One script, because of two at once the one that
-- reaches further stays, and no node may hear of what is not kept.
--
-- KEYS: the user's revocation
-- ARGV: user, until (ms since 1970), life (ms), publishing command, channel
-- Returns { 'ok' }. Cost: O(nodes).
local revocation = KEYS[1]
local user, reach, life, publish, channel = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local kept = redis.call('GET', revocation)
if kept and tonumber(kept) > tonumber(reach) then reach = kept end
redis.call('SET', revocation, reach, 'PX', life)
redis.call(publish, channel, user .. ' ' .. reach)
return { 'ok' }
