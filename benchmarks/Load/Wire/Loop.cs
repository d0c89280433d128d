using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Im.Load.Wire;

/// <summary>The one thread of the load: waits for all its sockets at once and hands each what came.</summary>
internal sealed class Loop : IDisposable
{
    private const int Batch = 512;
    private const int TimerSlack = 29;

    // The kernel packs the event on x64 only.
    private static readonly int s_stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private readonly int _poll = Libc.CreatePoll(0x80000);
    private readonly byte[] _events = new byte[Batch * s_stride];
    private readonly List<Link?> _links = [];
    private readonly Stack<int> _free = [];
    private readonly List<int> _freed = [];
    private long _nextTick;

    internal Loop()
    {
        // Waits end to the microsecond; the kernel would otherwise round them by 50.
        _ = Libc.Control(TimerSlack, 1000, 0, 0, 0);
    }

    /// <summary>What one socket has to say at once, at most.</summary>
    internal byte[] Buffer { get; } = GC.AllocateUninitializedArray<byte>(256 * 1024, pinned: true);

    /// <summary>What is being written for one socket; empty between two.</summary>
    internal Output Output { get; } = new();

    internal static long Now => Stopwatch.GetTimestamp();

    internal static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);

    internal static long After(TimeSpan span) => Now + Ticks(span);

    /// <summary>Takes in a socket.</summary>
    /// <returns>Its place, to be given back by <see cref="Remove"/>.</returns>
    internal int Register(Link link, int descriptor, uint interest)
    {
        if (!_free.TryPop(out var slot))
        {
            slot = _links.Count;
            _links.Add(null);
        }

        _links[slot] = link;
        Watch(Libc.Add, slot, descriptor, interest);
        return slot;
    }

    internal void Change(int slot, int descriptor, uint interest) => Watch(Libc.Modify, slot, descriptor, interest);

    /// <summary>Forgets a socket that is about to be closed. Its place is used again only when the events at hand are through.</summary>
    internal void Remove(int slot)
    {
        _links[slot] = null;
        _freed.Add(slot);
    }

    /// <summary>Waits until something came or the moment is there, and handles it.</summary>
    internal void Turn(long until)
    {
        var left = Math.Max(0, until - Now);
        var timeout = new Libc.TimeSpec
        {
            Seconds = left / Stopwatch.Frequency,
            Nanoseconds = left % Stopwatch.Frequency * (1_000_000_000 / Stopwatch.Frequency),
        };
        var count = Libc.WaitPoll(_poll, ref _events[0], Batch, timeout, 0);
        for (var i = 0; i < count; i++)
        {
            var happened = _events.AsSpan(i * s_stride, s_stride);
            _links[BinaryPrimitives.ReadInt32LittleEndian(happened[(s_stride - 8)..])]?.Handle(BinaryPrimitives.ReadUInt32LittleEndian(happened));
        }

        foreach (var slot in _freed)
        {
            _free.Push(slot);
        }

        _freed.Clear();
        Tick();
    }

    /// <summary>Turns until the condition holds; fails when the time is up.</summary>
    internal void Until(Func<bool> holds, TimeSpan limit, Func<string> otherwise)
    {
        var deadline = After(limit);
        while (!holds())
        {
            if (Now > deadline)
            {
                throw new LoadException(otherwise());
            }

            Turn(Math.Min(deadline, After(TimeSpan.FromMilliseconds(20))));
        }
    }

    public void Dispose()
    {
        foreach (var link in _links.ToArray())
        {
            link?.Abort();
        }

        _ = Libc.Close(_poll);
    }

    private void Tick()
    {
        var now = Now;
        if (now < _nextTick)
        {
            return;
        }

        _nextTick = now + Stopwatch.Frequency;
        for (var i = 0; i < _links.Count; i++)
        {
            _links[i]?.Tick(now);
        }
    }

    private void Watch(int operation, int slot, int descriptor, uint interest)
    {
        Span<byte> change = stackalloc byte[16];
        change.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(change, interest);
        BinaryPrimitives.WriteInt32LittleEndian(change[(s_stride - 8)..], slot);
        Libc.Check(Libc.ControlPoll(_poll, operation, descriptor, in change[0]), "epoll_ctl");
    }
}
