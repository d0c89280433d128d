-- acknowledge: the user has everything up to a seq; it is wiped and the sender told.
--
-- KEYS: session, queue of the user
-- ARGV: session id, user, epoch, seq, publishing command, channel of the peer
-- Returns { 'ok' }, { 'beyond' } (never given) or { refusal }. Cost: O(messages acknowledged).
local session, queue = KEYS[1], KEYS[2]
local id, user, epoch, seq, publish, peer_channel = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6]

local v = redis.call('HMGET', session, 'id', 'epoch:' .. user, 'seq:' .. user, 'ack:' .. user, 'bytes:' .. user)
local refused = refusal(v[1], v[2], id, epoch)
if refused then return { refused } end

local acknowledged = tonumber(v[4] or '0')
if seq > tonumber(v[3] or '0') then return { 'beyond' } end
if seq <= acknowledged then return { 'ok' } end

local bytes = tonumber(v[5] or '0')
if not acknowledge(session, queue, user, id, acknowledged, seq, bytes, publish, peer_channel) then return { 'went_back' } end
return { 'ok' }
