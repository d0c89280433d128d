-- connection: put in front of every script of a connection; it runs nothing itself.
--
-- The fence: a connection names its session and its epoch with every call. A call that arrives late, from an older
-- session or a connection that was taken over, must change nothing; one from a later time than the store remembers
-- means that the store went back.

-- Why this connection may do nothing, or nil.
local function refusal(present_id, present_epoch, id, epoch)
  if not present_id then return 'lost' end
  if present_id ~= id then return 'ended' end
  local present, own = tonumber(present_epoch or '0'), tonumber(epoch)
  if present > own then return 'taken_over' end
  if present < own then return 'went_back' end
  return nil
end

-- The store's clock in microseconds: nodes' clocks differ, this one does not.
local function microseconds()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

-- The same in milliseconds.
local function now()
  return math.floor(microseconds() / 1000)
end

-- Integers up to 2^53-1 as digits: the plain conversion writes large ones with an exponent.
local function digits(number)
  return string.format('%.0f', number)
end

-- Session and both queues live equally long: a queue must not expire under a live session.
local function renew(life, session, queue, other_queue)
  redis.call('PEXPIRE', session, life)
  redis.call('PEXPIRE', queue, life)
  redis.call('PEXPIRE', other_queue, life)
end

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

-- How far the session has come, for one of its users: last seq given, acknowledged, last id, seq given to the peer, the
-- peer's acknowledgement, epoch and whether they are connected, and the handshake that the peer has opened ('': none).
local function progress(session, handshake, user, peer)
  local v = redis.call('HMGET', session, 'seq:' .. user, 'ack:' .. user, 'id:' .. user, 'seq:' .. peer, 'ack:' .. peer,
    'epoch:' .. peer, 'until:' .. peer)
  local h = redis.call('HMGET', handshake, 'session', 'first', 'done')
  local online = tonumber(v[7] or '0') > now() and '1' or '0'
  local waiting = h[1] and h[2] == peer and h[3] ~= '1' and h[1] or ''
  return { 'ok', v[1] or '0', v[2] or '0', v[3] or '0', v[4] or '0', v[5] or '0', v[6] or '0', online, waiting }
end
