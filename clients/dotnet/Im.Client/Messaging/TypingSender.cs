using Im.Client.Encryption;

namespace Im.Client.Messaging;

/// <summary>Tells the peer that this side types: at most once in three seconds, and that it stopped. Thread-safe.</summary>
internal sealed class TypingSender(SessionCipher cipher, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private bool _isOpen;
    private bool? _pending;
    private long? _saidAt;
    private long _counter;

    /// <summary>True: there is something to write.</summary>
    public bool Set(bool typing)
    {
        lock (_lock)
        {
            var isNews = _isOpen && (typing ? _saidAt is not { } at || clock.GetElapsedTime(at) >= Interval : _saidAt is not null);
            if (isNews)
            {
                _pending = typing;
                _saidAt = typing ? clock.GetTimestamp() : null;
            }

            return isNews;
        }
    }

    public void Opened()
    {
        lock (_lock)
        {
            _isOpen = true;
        }
    }

    /// <summary>What was said is forgotten with the connection.</summary>
    public void Closed()
    {
        lock (_lock)
        {
            (_isOpen, _pending, _saidAt) = (false, null, null);
        }
    }

    /// <summary>The frame that is due; null where none is.</summary>
    public byte[]? Next()
    {
        lock (_lock)
        {
            if (_pending is not { } typing)
            {
                return null;
            }

            _pending = null;
            return ClientFrames.Signal(cipher.EncryptSignal(++_counter, typing ? """{"type":"typing","typing":true}"""u8 : """{"type":"typing","typing":false}"""u8));
        }
    }
}
