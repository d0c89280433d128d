-- handshake: put in front of the scripts that answer with a handshake; it runs nothing itself.

-- { tag, mode, key, session id, first caller, done, ms left, first caller's and the other's public key }
local function answer(tag, handshake)
  local v = redis.call('HMGET', handshake, 'mode', 'key', 'session', 'first', 'done', 'public:first', 'public:other')
  return { tag, v[1], v[2] or '', v[3], v[4], v[5] or '0', redis.call('PTTL', handshake), v[6] or '', v[7] or '' }
end
