-- exchange: opens the pair's handshake, completes the one the peer has opened, or repeats what is there. One script,
-- because both may call in the same millisecond and only one key may exist.
--
-- KEYS: handshake, session, queue of the caller, queue of the peer
-- ARGV: caller, peer, mode ('key' | 'public'), fresh session id, fresh key bytes or the caller's public key,
--       life of an unanswered handshake, of a completed one, of a session (all ms), may open ('1' | '0'),
--       publishing command, channel of the caller, channel of the peer
-- Returns { 'opened' | 'present' | 'completed', … } (see handshake.lua), { 'mode_mismatch' } or { 'limited' }.
-- Cost: O(1); completion also O(messages of the session it ends).
local handshake, session, queue, peer_queue = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local caller, peer, mode, fresh_session, secret = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local open_life, done_life, session_life, may_open = ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local publish, channel, peer_channel = ARGV[10], ARGV[11], ARGV[12]

local h = redis.call('HMGET', handshake, 'session', 'mode', 'first', 'done')
local present = redis.call('HGET', session, 'id')

-- A completed answer is good only as long as the session it made.
if h[1] and h[4] == '1' and present ~= h[1] then
  redis.call('DEL', handshake)
  h = { false }
end

if not h[1] then
  if may_open == '0' then return { 'limited' } end
  redis.call('HSET', handshake, 'session', fresh_session, 'mode', mode, 'first', caller,
    mode == 'key' and 'key' or 'public:first', secret)
  redis.call('PEXPIRE', handshake, open_life)
  redis.call(publish, peer_channel, 'h ' .. (present or '-') .. '\n')
  return answer('opened', handshake)
end

if h[2] ~= mode then return { 'mode_mismatch' } end
if h[4] == '1' then return answer('present', handshake) end

if h[3] == caller then
  if mode == 'public' then redis.call('HSET', handshake, 'public:first', secret) end
  return answer('present', handshake)
end

redis.call('DEL', session, queue, peer_queue)
redis.call('HSET', session, 'id', h[1])
redis.call('PEXPIRE', session, session_life)
redis.call('HSET', handshake, 'done', '1')
if mode == 'public' then redis.call('HSET', handshake, 'public:other', secret) end
redis.call('PEXPIRE', handshake, done_life)
if present then
  redis.call(publish, channel, 'e ' .. present .. ' 0\n')
  redis.call(publish, peer_channel, 'e ' .. present .. ' 0\n')
end

-- Only that there is something to read; the key is never published.
redis.call(publish, peer_channel, 'c -\n')
return answer('completed', handshake)
