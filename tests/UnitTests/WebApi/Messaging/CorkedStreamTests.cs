using System.Diagnostics;
using System.Reflection;
using System.Text;
using Im.WebApi.Messaging;

namespace Im.UnitTests.WebApi.Messaging;

public sealed class CorkedStreamTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly FakeTransport _transport = new();
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
    public async Task A_ping_is_a_frame_of_its_own()
    {
        _stream.Ping();
        await WriteAsync("a");

        Assert.Equal([FakeTransport.Ping, "a"], _transport.Writes);
    }

    [Fact]
    public async Task A_ping_waits_for_its_turn_among_the_frames_that_are_collected()
    {
        _stream.Cork();
        await WriteAsync("ab");
        _stream.Ping();
        await WriteAsync("c");
        Assert.Empty(_transport.Writes);

        await _stream.UncorkAsync();

        Assert.Equal([$"ab{FakeTransport.Ping}c"], _transport.Writes);
    }

    [Fact]
    public async Task A_ping_never_cuts_a_frame_that_the_transport_is_still_taking()
    {
        var taken = _transport.Hold();
        var first = WriteAsync("ab").AsTask();
        _stream.Ping();
        Assert.Equal(["ab"], _transport.Writes);

        taken.SetResult();
        await first.WaitAsync(Limit, TestContext.Current.CancellationToken);

        Assert.Equal(["ab", FakeTransport.Ping], _transport.Writes);
    }

    [Fact]
    public async Task A_frame_follows_a_ping_that_the_transport_is_still_taking()
    {
        var taken = _transport.Hold();
        _stream.Ping();
        var frame = WriteAsync("ab").AsTask();
        Assert.False(frame.IsCompleted);

        taken.SetResult();
        await frame.WaitAsync(Limit, TestContext.Current.CancellationToken);

        Assert.Equal([FakeTransport.Ping, "ab"], _transport.Writes);
    }

    [Fact]
    public void A_ping_that_the_transport_takes_at_once_costs_no_memory()
    {
        var debugging = typeof(CorkedStream).Assembly.GetCustomAttribute<DebuggableAttribute>();
        Assert.SkipWhen(debugging?.IsJITOptimizerDisabled is true, "Compiled for debugging, every asynchronous call makes an object.");
        using var stream = new CorkedStream(Stream.Null);
        stream.Ping();
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++)
        {
            stream.Ping();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Silenced_it_pings_no_more_but_writes_what_comes()
    {
        await _stream.SilenceAsync();
        _stream.Ping();
        await WriteAsync("goodbye");

        Assert.Equal(["goodbye"], _transport.Writes);
    }

    [Fact]
    public async Task The_code_of_the_first_close_frame_is_kept()
    {
        await _stream.WriteAsync(new byte[] { 0x81, 0x02, 0x0f, 0xa0 }, TestContext.Current.CancellationToken);
        Assert.Equal(0, _stream.CloseCode);

        await _stream.WriteAsync(new byte[] { 0x88, 0x02, 0x11, 0x33 }, TestContext.Current.CancellationToken);
        await _stream.WriteAsync(new byte[] { 0x88, 0x02, 0x03, 0xe8 }, TestContext.Current.CancellationToken);

        Assert.Equal(4403, _stream.CloseCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Silence_comes_when_the_ping_under_way_is_over_however_it_ends(bool fails)
    {
        var taken = _transport.Hold();
        _stream.Ping();
        var silenced = _stream.SilenceAsync();
        Assert.False(silenced.IsCompleted);

        if (fails)
        {
            taken.SetException(new IOException());
        }
        else
        {
            taken.SetResult();
        }

        await silenced.WaitAsync(Limit, TestContext.Current.CancellationToken);
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
}
