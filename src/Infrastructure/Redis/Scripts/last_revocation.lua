-- last_revocation: a mark that is another one after every revocation, so that a node need not ask for each of its users.
--
-- KEYS: the mark
-- Returns the mark, or '' if nothing was revoked within the longest life of a token. Cost: O(1).
return redis.call('GET', KEYS[1]) or ''
