using System.Text;
using Im.WebApi.Messaging;

namespace Im.UnitTests.WebApi.Messaging;

public sealed class CorkedStreamTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Transport _transport = new();
    private readonly CorkedStream _stream;

    public CorkedStreamTests() => _stream = new CorkedStream(_transport);

    public void Dispose() => _stream.Dispose();

    [Fact]
    public async Task What_is_collected_goes_out_as_one_write()
    {
        _stream.Cork();
        await WriteAsync("a");
        await WriteAsync("bc");
        Assert.Empty(_transport.Writes);

        await _stream.UncorkAsync();

        Assert.Equal(["abc"], _transport.Writes);
    }

    [Fact]
    public async Task Without_a_cork_a_write_goes_out_at_once()
    {
        await WriteAsync("a");
        await WriteAsync("b");

        Assert.Equal(["a", "b"], _transport.Writes);
    }

    [Fact]
    public async Task A_cork_that_holds_nothing_writes_nothing()
    {
        _stream.Cork();
        await _stream.UncorkAsync();

        Assert.Empty(_transport.Writes);
    }

    [Fact]
    public async Task What_comes_while_the_transport_is_busy_follows_and_is_waited_for()
    {
        var taken = _transport.Hold();
        var first = WriteAsync("a").AsTask();
        var second = WriteAsync("b").AsTask();
        _stream.Cork();
        await WriteAsync("c").AsTask().WaitAsync(Limit, TestContext.Current.CancellationToken);
        var third = _stream.UncorkAsync().AsTask();
        Assert.Equal(["a"], _transport.Writes);
        Assert.False(second.IsCompleted);

        taken.SetResult();
        await Task.WhenAll(first, second, third).WaitAsync(Limit, TestContext.Current.CancellationToken);

        Assert.Equal("abc", string.Concat(_transport.Writes));
    }

    [Fact]
    public async Task A_transport_that_fails_fails_everybody_who_waits_for_it()
    {
        var taken = _transport.Hold();
        var first = WriteAsync("a").AsTask();
        var second = WriteAsync("b").AsTask();

        taken.SetException(new IOException());

        await Assert.ThrowsAsync<IOException>(() => first.WaitAsync(Limit, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<IOException>(() => second.WaitAsync(Limit, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Small_reads_are_answered_from_what_arrived_together()
    {
        _transport.Arrive("abcdef");

        Assert.Equal("ab", await ReadAsync(2));
        Assert.Equal("cde", await ReadAsync(3));
        Assert.Equal(0, await _stream.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken));
        Assert.Equal("f", await ReadAsync(9));
        Assert.Equal("", await ReadAsync(9));
        Assert.Equal([4096, 4096], _transport.Reads);
    }

    [Fact]
    public async Task A_read_without_a_buffer_waits_at_the_transport_without_one()
    {
        Assert.Equal(0, await _stream.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken));
        Assert.Equal([0], _transport.Reads);
    }

    [Fact]
    public async Task A_large_read_goes_past_the_buffer()
    {
        _transport.Arrive(new string('x', 10_000));

        Assert.Equal(8_000, (await ReadAsync(8_000)).Length);
        Assert.Equal([8_000], _transport.Reads);
    }

    private ValueTask WriteAsync(string text) => _stream.WriteAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken);

    private async Task<string> ReadAsync(int length)
    {
        var buffer = new byte[length];
        var count = await _stream.ReadAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
        return Encoding.ASCII.GetString(buffer, 0, count);
    }

    /// <summary>Writes down how it is used.</summary>
    private sealed class Transport : MemoryStream
    {
        private TaskCompletionSource? _hold;

        public List<string> Writes { get; } = [];

        public List<int> Reads { get; } = [];

        /// <summary>The next write waits for this.</summary>
        public TaskCompletionSource Hold() => _hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Arrive(string text)
        {
            Write(Encoding.ASCII.GetBytes(text));
            Position = 0;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes.Add(Encoding.ASCII.GetString(buffer.Span));
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
}
