-- touch: the sweep's call. Renews the session's life and the connection's presence, and says how far the session has come,
-- so that the node sees what no publication told it.
--
-- KEYS: session, queue of the user, queue of the peer, handshake
-- ARGV: session id, user, epoch, peer, life of the session and of the presence (ms)
-- Returns { 'ok', progress … } (see progress.lua) or { refusal }. Cost: O(1).
local session, queue, peer_queue, handshake = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, user, epoch, peer, life, presence = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])

local v = redis.call('HMGET', session, 'id', 'epoch:' .. user, 'until:' .. user)
local refused = refusal(v[1], v[2], id, epoch)
if refused then return { refused } end

-- Detached: a touch that comes after the goodbye must not bring its user back.
if v[3] == '0' then return { 'taken_over' } end

redis.call('HSET', session, 'until:' .. user, digits(now() + presence))
renew(life, session, queue, peer_queue)
return progress(session, handshake, user, peer)
