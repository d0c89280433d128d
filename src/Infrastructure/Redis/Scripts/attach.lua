-- attach: claims a higher epoch for a user's new connection. Only if the epoch is still the one that the check before the
-- upgrade read: a script that ran late must not throw out a live socket.
--
-- KEYS: session, queue of the user, queue of the peer, handshake
-- ARGV: session id, user, epoch found, peer, highest seq the client has, life of the session and of the presence (ms),
--       publishing command, channel of the user, channel of the peer
-- Returns { 'ok', epoch, 'ok progress …' } (see progress.lua; with spaces), { 'none' } (no such session), { 'raced' }, { 'beyond' }
-- (the client has more than was ever given) or { 'went_back' }.
-- Cost: O(1) + O(messages that the client already has).
local session, queue, peer_queue, handshake = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, user, found, peer, seen = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local life, presence, publish, channel, peer_channel = ARGV[6], tonumber(ARGV[7]), ARGV[8], ARGV[9], ARGV[10]

local v = redis.call('HMGET', session, 'id', 'epoch:' .. user, 'seq:' .. user, 'ack:' .. user, 'bytes:' .. user, 'ever:' .. peer)
if v[1] ~= id then return { 'none' } end
if tonumber(v[2] or '0') ~= tonumber(found) then return { 'raced' } end

local seq, acknowledged = tonumber(v[3] or '0'), tonumber(v[4] or '0')
if seen > seq then return { 'beyond' } end
local bytes = tonumber(v[5] or '0')
if seen > acknowledged and not acknowledge(session, queue, user, id, acknowledged, seen, bytes, publish, peer_channel) then
  return { 'went_back' }
end

-- Not only the next number: a store that went back in time must not give one that it has given before.
local epoch = digits(math.max(tonumber(found) + 1, microseconds()))
redis.call('HSET', session, 'epoch:' .. user, epoch, 'until:' .. user, digits(now() + presence), 'ever:' .. user, '1')
renew(life, session, queue, peer_queue)

-- The key is needed no longer once both have been here. A handshake opened since then is another one and stays.
if v[6] and redis.call('HGET', handshake, 'session') == id then redis.call('DEL', handshake) end

redis.call(publish, channel, 't ' .. id .. ' ' .. epoch .. '\n')
redis.call(publish, peer_channel, 'p ' .. id .. ' ' .. epoch .. ' 1\n')

return { 'ok', epoch, progress(read_session(session, handshake, user, peer), user, peer, now()) }
