-- detach: a connection is gone. Its user is no longer present, and the session's last life begins at this moment.
--
-- KEYS: session, queue of the user, queue of the peer
-- ARGV: session id, user, epoch, life of the session (ms), publishing command, channel of the peer
-- Returns { 'ok' } or { refusal }. Cost: O(1).
local session, queue, peer_queue = KEYS[1], KEYS[2], KEYS[3]
local id, user, epoch, life, publish, peer_channel = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]

local v = redis.call('HMGET', session, 'id', 'epoch:' .. user)
local refused = refusal(v[1], v[2], id, epoch)
if refused then return { refused } end

redis.call('HSET', session, 'until:' .. user, '0')
renew(life, session, queue, peer_queue)
redis.call(publish, peer_channel, 'p ' .. id .. ' ' .. epoch .. ' 0\n')
return { 'ok' }
