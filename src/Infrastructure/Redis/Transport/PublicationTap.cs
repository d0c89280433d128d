using System.Runtime.CompilerServices;
using RESPite.Transports;

namespace Im.Infrastructure.Redis.Transport;

/// <summary>Hears what is published to one channel.</summary>
internal abstract class PublicationTarget
{
    /// <summary>Called from any thread, also several at once and out of order.</summary>
    public abstract void Hear(ReadOnlyMemory<byte> publication);
}

/// <summary>Finds who hears a channel; null: nobody does.</summary>
internal delegate PublicationTarget? PublicationTargets(ReadOnlySpan<byte> channel);

/// <summary>
/// Takes publications out of what the store sends and brings them to their channel on the thread that read them; everything
/// else goes on to the client library, which would pass each publication to another thread. Subscribing, and subscribing
/// again after a fail-over, stays the library's work.
/// </summary>
/// <remarks>More than a few that came together are shared with the thread pool, one channel's to one thread; the next ones may still overtake them.</remarks>
internal sealed class PublicationTap(TransportReceiver library, PublicationTargets targets)
{
    /// <summary>How many are brought on the reading thread alone.</summary>
    private const int Few = 16;

    private readonly List<(PublicationTarget Target, byte[] Publication)> _due = [];
    private ByteBuffer _partial = new();
    private bool _isBlind;

    /// <summary>Takes what has arrived. False: the library is done with this connection.</summary>
    public bool Receive(ReadOnlySpan<byte> bytes)
    {
        if (_partial.Length == 0)
        {
            var taken = Take(bytes, out var open);
            _partial.Add(bytes[taken..]);
            return open;
        }

        _partial.Add(bytes);
        var used = Take(_partial.Written.Span, out var isOpen);
        _partial.Remove(used);
        return isOpen;
    }

    /// <summary>Brings what was received to its channels.</summary>
    public void Deliver()
    {
        if (_due.Count > Few)
        {
            ShareOut();
        }

        foreach (var (target, publication) in _due)
        {
            target.Hear(publication);
        }

        _due.Clear();
    }

    private int Take(ReadOnlySpan<byte> bytes, out bool open)
    {
        var (from, to) = (0, 0); // What goes to the library in one piece.
        open = true;
        while (open && to < bytes.Length)
        {
            var length = _isBlind ? bytes.Length - to : RespFrame.Measure(bytes[to..]);
            if (length == 0)
            {
                break;
            }

            if (length < 0)
            {
                // Not what this reader knows; the library is the judge.
                _isBlind = true;
            }
            else if (!_isBlind && TryTakePublication(bytes.Slice(to, length)))
            {
                open = Pass(bytes[from..to]);
                from = to += length;
            }
            else
            {
                to += length;
            }
        }

        open = open && Pass(bytes[from..to]);
        return to;
    }

    private bool Pass(ReadOnlySpan<byte> bytes) => bytes.IsEmpty || library.OnReceived(bytes);

    private bool TryTakePublication(ReadOnlySpan<byte> frame)
    {
        if (!frame.StartsWith("*3\r\n"u8))
        {
            return false;
        }

        var rest = frame[4..];
        if (!RespFrame.TryTakeBulk(ref rest, out var kind) || !(kind.SequenceEqual("message"u8) || kind.SequenceEqual("smessage"u8))
            || !RespFrame.TryTakeBulk(ref rest, out var channel) || targets(channel) is not { } target
            || !RespFrame.TryTakeBulk(ref rest, out var publication))
        {
            return false;
        }

        _due.Add((target, publication.ToArray()));
        return true;
    }

    private void ShareOut()
    {
        var parts = Math.Min(Environment.ProcessorCount, _due.Count / Few + 1);
        foreach (var part in _due.GroupBy(one => (uint)RuntimeHelpers.GetHashCode(one.Target) % parts).Skip(1).ToList())
        {
            var shared = part.ToList();
            ThreadPool.UnsafeQueueUserWorkItem(static shared => shared.ForEach(one => one.Target.Hear(one.Publication)), shared, preferLocal: false);
        }

        var first = (uint)RuntimeHelpers.GetHashCode(_due[0].Target) % parts;
        _due.RemoveAll(one => (uint)RuntimeHelpers.GetHashCode(one.Target) % parts != first);
    }
}
