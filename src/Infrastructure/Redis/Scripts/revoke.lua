-- revoke: keeps until when a user's tokens are revoked, and tells all nodes. One script, because of two at once the one that
-- reaches further stays, and no node may hear of what is not kept.
--
-- KEYS: the user's revocation, the mark of the last one
-- ARGV: user, until (ms since 1970), life (ms), publishing command, channel
-- Returns { 'ok' }. Cost: O(nodes).
local revocation, last = KEYS[1], KEYS[2]
local user, reach, life, publish, channel = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local kept = redis.call('GET', revocation)
if kept and tonumber(kept) > tonumber(reach) then reach = kept end
redis.call('SET', revocation, reach, 'PX', life)

-- By the clock and not counted: a store that lost everything must not come back to a mark that a node has seen.
local mark = math.max(microseconds(), tonumber(redis.call('GET', last) or '0') + 1)
redis.call('SET', last, string.format('%d', mark), 'PX', life)
redis.call(publish, channel, user .. ' ' .. reach)
return { 'ok' }
