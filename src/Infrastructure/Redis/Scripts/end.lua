-- end: wipes the pair's session and handshake with all that waits, and tells both sides. Idempotent.
--
-- KEYS: handshake, session, queue of one user, queue of the other
-- ARGV: only this session id ('': whatever there is), lost ('1': the store lost it, '0': a side ended it),
--       publishing command, channel of one user, channel of the other
-- Returns { 'ok' }. Cost: O(messages that wait).
local handshake, session, queue, other_queue = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local only, lost, publish, channel, other_channel = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local opened = redis.call('HGET', handshake, 'session')
if opened and (only == '' or only == opened) then
  redis.call('DEL', handshake)
  redis.call(publish, channel, 'c -\n')
  redis.call(publish, other_channel, 'c -\n')
end

local present = redis.call('HGET', session, 'id')
if present and (only == '' or only == present) then
  redis.call('DEL', session, queue, other_queue)
  redis.call(publish, channel, 'e ' .. present .. ' ' .. lost .. '\n')
  redis.call(publish, other_channel, 'e ' .. present .. ' ' .. lost .. '\n')
end

return { 'ok' }
