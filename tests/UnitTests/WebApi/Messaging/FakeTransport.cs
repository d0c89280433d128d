using System.Text;

namespace Im.UnitTests.WebApi.Messaging;

/// <summary>What lies under a websocket, and writes down how it is used.</summary>
internal sealed class FakeTransport : MemoryStream
{
    /// <summary>A ping with nothing in it, as <see cref="Writes"/> shows it.</summary>
    public const string Ping = "\u0089\0";

    private TaskCompletionSource? _hold;

    public List<string> Writes { get; } = [];

    public List<int> Reads { get; } = [];

    /// <summary>The next write waits for this.</summary>
    public TaskCompletionSource Hold() => _hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Arrive(string text)
    {
        Write(Encoding.Latin1.GetBytes(text));
        Position = 0;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Writes.Add(Encoding.Latin1.GetString(buffer.Span));
        if (Interlocked.Exchange(ref _hold, null) is { } hold)
        {
            await hold.Task;
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Reads.Add(buffer.Length);
        return base.ReadAsync(buffer, cancellationToken);
    }
}
