-- removal: put in front of the scripts that take from a queue what has arrived.

-- The user has everything up to a seq: it leaves the head of their queue, and the peer is told. False: the queue does not
-- hold what the session says.
local function acknowledge(session, queue, user, id, acknowledged, seq, bytes, publish, peer_channel)
  local removed = redis.call('LPOP', queue, digits(seq - acknowledged))
  if type(removed) == 'string' then removed = { removed } end -- Garnet's answer to a count of one
  if not removed or #removed ~= seq - acknowledged then return false end
  for i = 1, #removed do bytes = bytes - #removed[i] end
  redis.call('HSET', session, 'ack:' .. user, digits(seq), 'bytes:' .. user, digits(bytes))
  redis.call(publish, peer_channel, 'd ' .. id .. ' ' .. digits(seq) .. '\n')
  return true
end
