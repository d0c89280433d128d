-- signal: relays a signal to the peer if they are connected; stores nothing.
--
-- KEYS: session
-- ARGV: session id, sender, epoch, peer, publishing command, channel of the peer, body
-- Returns { 'ok' } or { refusal }. Cost: O(1).
local session = KEYS[1]
local id, sender, epoch, peer, publish, channel, body = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]

local v = redis.call('HMGET', session, 'id', 'epoch:' .. sender, 'until:' .. peer)
local refused = refusal(v[1], v[2], id, epoch)
if refused then return { refused } end

if tonumber(v[3] or '0') > now() then redis.call(publish, channel, 's ' .. id .. '\n' .. body) end
return { 'ok' }
