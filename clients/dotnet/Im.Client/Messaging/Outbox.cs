using System.Security.Cryptography;
using Im.Client.Errors;

namespace Im.Client.Messaging;

/// <summary>
/// This side's messages: waiting without a number, then on the wire until the relay has stored them, then until the peer
/// acknowledged them. A message gets its id and is encrypted once, when it first goes on the wire: an id never stands for
/// two texts, whatever is sent again. Thread-safe.
/// </summary>
/// <param name="encrypt">Encrypts a text for an id.</param>
/// <param name="limit">Messages that are not stored yet.</param>
/// <param name="window">Messages on the wire without an answer.</param>
/// <param name="pause">Used by nothing else.</param>
internal sealed class Outbox(Func<byte[], long, string> encrypt, int limit, int window, SendPause pause) : IDisposable
{
    /// <summary>Stored messages that the peer has not acknowledged. A relay keeps fewer; one that says otherwise costs no more memory.</summary>
    private const int MaxUndelivered = 10_000;

    private readonly Lock _lock = new();
    private readonly LinkedList<OutboxEntry> _waiting = new();
    private readonly List<OutboxEntry> _unanswered = [];
    private readonly Queue<OutboxEntry> _undelivered = new();
    private bool _isOpen;
    private bool _isOver;
    private ImException? _error;
    private int _written;
    private long _lastId;
    private long _storedId;

    /// <summary>Takes a message.</summary>
    /// <exception cref="ImException">There is no room, or the conversation ended.</exception>
    public OutboxEntry Add(byte[] text)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isOver && _error is null, typeof(Conversation));
            if (_isOver)
            {
                throw _error!;
            }

            if (_waiting.Count + _unanswered.Count >= limit)
            {
                throw new ImException(ImErrorKind.OutboxFull, "Too many messages wait to be sent; wait until earlier ones are.", pause.Error);
            }

            var entry = new OutboxEntry(text);
            _waiting.AddLast(entry);
            return entry;
        }
    }

    /// <summary>Takes a message back, unless it has been on the wire.</summary>
    public void Withdraw(OutboxEntry entry)
    {
        lock (_lock)
        {
            _waiting.Remove(entry);
        }
    }

    /// <summary>The next frame for the wire; null where none may go now.</summary>
    public byte[]? Next()
    {
        lock (_lock)
        {
            if (!_isOpen || pause.IsResting)
            {
                return null;
            }

            if (_written < _unanswered.Count)
            {
                return _unanswered[_written++].Frame;
            }

            if (_unanswered.Count >= window || _undelivered.Count >= MaxUndelivered || _waiting.First is not { Value: var entry })
            {
                return null;
            }

            _waiting.RemoveFirst();
            entry.Id = ++_lastId;
            entry.Frame = ClientFrames.Msg(encrypt(entry.Text, entry.Id), entry.Id);
            CryptographicOperations.ZeroMemory(entry.Text);
            entry.Text = [];
            _unanswered.Add(entry);
            _written++;
            return entry.Frame;
        }
    }

    /// <summary>A connection is ready: everything above <paramref name="lastId"/> goes out again. True: something was stored or delivered.</summary>
    public bool Ready(long lastId, long delivered)
    {
        lock (_lock)
        {
            // Below what it once said, the store went back; above what was ever sent, somebody else counts here.
            if (lastId < _storedId || lastId > _lastId || delivered > lastId)
            {
                throw Failures.WentBack();
            }

            Store(lastId);
            _written = 0;
            _isOpen = true;
            return Deliver(delivered);
        }
    }

    /// <summary>The connection is gone.</summary>
    public void Closed()
    {
        lock (_lock)
        {
            _isOpen = false;
        }
    }

    /// <summary>The relay has everything up to this id. True: it takes messages again, which it had refused.</summary>
    public bool Stored(long id, long seq)
    {
        lock (_lock)
        {
            if (id < 1 || id > _lastId || seq != id)
            {
                throw ServerFrame.Malformed();
            }

            Store(id);
            return pause.Over();
        }
    }

    /// <summary>The relay refused a message: rest, then send again from the one that is due. When; null where it rests already.</summary>
    /// <param name="due">The id to go on from.</param>
    /// <param name="isExpected">The relay said so itself: then it has everything before, and nothing from there on.</param>
    /// <param name="error">Why.</param>
    public DateTimeOffset? Refused(long due, bool isExpected, ImException error)
    {
        lock (_lock)
        {
            if (due < 1 || due > _lastId + 1)
            {
                throw ServerFrame.Malformed();
            }

            if (due <= _storedId)
            {
                // An answer that was overtaken, unless the relay takes back what it has said.
                return isExpected ? throw Failures.WentBack() : null;
            }

            if (isExpected)
            {
                Store(due - 1);
            }

            _written = Math.Min(_written, (int)(due - 1 - _storedId));
            return pause.Begin(error);
        }
    }

    /// <summary>What rests because the relay refused it goes out now, unless the relay asked for the rest.</summary>
    public void RetryNow()
    {
        lock (_lock)
        {
            pause.Cut();
        }
    }

    /// <summary>The peer acknowledged everything up to here. True: that is news.</summary>
    public bool Delivered(long seq)
    {
        lock (_lock)
        {
            if (seq > _lastId)
            {
                throw ServerFrame.Malformed();
            }

            Store(seq);
            return Deliver(seq);
        }
    }

    /// <summary>The conversation ended: everything that waits fails.</summary>
    /// <param name="error">Why; null: this side ended it.</param>
    public void End(ImException? error)
    {
        lock (_lock)
        {
            (_isOver, _isOpen, _error) = (true, false, error);
            foreach (var entry in _waiting.Concat(_unanswered).Concat(_undelivered))
            {
                entry.Fail(error);
            }

            _waiting.Clear();
            _unanswered.Clear();
            _undelivered.Clear();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            pause.Dispose();
        }
    }

    // The first unanswered message is always the one after the last stored one.
    private void Store(long id)
    {
        var count = (int)Math.Max(0, id - _storedId);
        foreach (var entry in _unanswered.Take(count))
        {
            entry.Store();
            entry.Frame = [];
            _undelivered.Enqueue(entry);
        }

        _unanswered.RemoveRange(0, count);
        _written = Math.Max(0, _written - count);
        _storedId += count;
    }

    private bool Deliver(long seq)
    {
        var isNews = false;
        while (_undelivered.TryPeek(out var entry) && entry.Id <= seq)
        {
            _undelivered.Dequeue().Delivered.TrySetResult();
            isNews = true;
        }

        return isNews;
    }
}
