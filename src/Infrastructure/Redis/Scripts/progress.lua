-- progress: put in front of the scripts that tell a connection how far its session has come.

-- What a session and its pair's handshake hold of its two users; asked once for both of them.
local function read_session(session, handshake, one, other)
  local v = redis.call('HMGET', session, 'id',
    'epoch:' .. one, 'until:' .. one, 'seq:' .. one, 'ack:' .. one, 'id:' .. one,
    'epoch:' .. other, 'until:' .. other, 'seq:' .. other, 'ack:' .. other, 'id:' .. other)
  local h = redis.call('HMGET', handshake, 'session', 'first', 'done')
  return {
    id = v[1],
    opened_by = h[1] and h[3] ~= '1' and h[2], opened = h[1],
    [one] = { epoch = v[2], present = v[3], seq = v[4] or '0', ack = v[5] or '0', id = v[6] or '0' },
    [other] = { epoch = v[7], present = v[8], seq = v[9] or '0', ack = v[10] or '0', id = v[11] or '0' },
  }
end

-- How far it has come, for one of them: last seq given, acknowledged, last id, seq given to the peer, the peer's
-- acknowledgement, epoch and whether they are connected at that time, and the handshake that the peer has opened ('': none).
local function progress(read, user, peer, time)
  local mine, theirs = read[user], read[peer]
  local online = tonumber(theirs.present or '0') > time and '1' or '0'
  local waiting = read.opened_by == peer and read.opened or ''
  return table.concat({ 'ok', mine.seq, mine.ack, mine.id, theirs.seq, theirs.ack, theirs.epoch or '0', online, waiting }, ' ')
end
