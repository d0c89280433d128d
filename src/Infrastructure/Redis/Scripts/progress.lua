-- progress: put in front of the scripts that tell a connection how far its session has come.

-- How far the session has come, for one of its users: last seq given, acknowledged, last id, seq given to the peer, the
-- peer's acknowledgement, epoch and whether they are connected at that time, and the handshake that the peer has opened ('': none).
local function progress(session, handshake, user, peer, time)
  local v = redis.call('HMGET', session, 'seq:' .. user, 'ack:' .. user, 'id:' .. user, 'seq:' .. peer, 'ack:' .. peer,
    'epoch:' .. peer, 'until:' .. peer)
  local h = redis.call('HMGET', handshake, 'session', 'first', 'done')
  local online = tonumber(v[7] or '0') > time and '1' or '0'
  local waiting = h[1] and h[2] == peer and h[3] ~= '1' and h[1] or ''
  return { 'ok', v[1] or '0', v[2] or '0', v[3] or '0', v[4] or '0', v[5] or '0', v[6] or '0', online, waiting }
end
