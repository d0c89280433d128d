using System.Net.Sockets;
using Im.Infrastructure.Redis.Transport;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Store;

/// <summary>The node's own connection to its store, when commands go and when they wait.</summary>
public sealed class StoreTransportTests
{
    private const int Megabyte = 1024 * 1024;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_idle_connection_writes_a_command_at_once_and_while_it_is_unanswered_later_ones_wait_and_go_together()
    {
        await using var pair = await TransportPair.OpenAsync();

        Assert.True(pair.Write("one"));
        Assert.Equal("one", await pair.TakeAsync());
        Assert.True(pair.Write("two"));
        Assert.True(pair.Write("three"));
        Assert.Equal(0, pair.Store.Available);

        await pair.ReplyAsync("+1");
        Assert.Equal("twothree", await pair.TakeAsync());
        await pair.ReplyAsync("+2");
        Assert.True(pair.Write("four"));
        Assert.Equal("four", await pair.TakeAsync());
    }

    [Fact]
    public async Task What_goes_on_with_a_reply_calls_for_one_write_together()
    {
        await using var pair = await TransportPair.OpenAsync();
        await pair.ReplyAsync("+0"); // From the first one on the thread keeps what goes on on it.
        var (context, isDone) = (new ReplyContext(), false);
        pair.Heard = _ => context.Post(
            _ =>
            {
                pair.Write("two");
                pair.Write("three");
                isDone = true;
            },
            null);

        await pair.ReplyAsync("+1");
        await Eventually.HoldsAsync("both were called", () => Volatile.Read(ref isDone));

        Assert.Equal("twothree", await pair.TakeAsync());
    }

    [Fact]
    public async Task A_reply_that_comes_while_the_command_is_still_being_written_leaves_no_later_command_behind()
    {
        await using var pair = await TransportPair.OpenAsync();
        var large = new byte[16 * Megabyte];
        pair.Write(large);
        await pair.TakeAllAsync(1);

        await pair.ReplyAsync("+1");
        pair.Write("later");

        await pair.TakeAllAsync(large.Length - 1);
        Assert.Equal("later", await pair.TakeAsync());
    }

    [Fact]
    public async Task Of_commands_that_many_threads_give_at_the_same_moment_each_is_answered()
    {
        const int Threads = 4, Rounds = 5000;
        await using var pair = await TransportPair.OpenAsync();
        using var answered = new SemaphoreSlim(0);
        pair.Heard = count => answered.Release(count);
        var store = new Thread(() => Echo(pair)) { IsBackground = true };
        store.Start();
        using var begin = new Barrier(Threads, _ => { });
        var left = 0;

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (var round = 0; round < Rounds && Volatile.Read(ref left) == 0; round++)
                {
                    begin.SignalAndWait();
                    pair.Write("x");
                    if (!answered.Wait(Eventually.Deadline))
                    {
                        Interlocked.Increment(ref left);
                    }

                    begin.SignalAndWait();
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        Assert.Equal(0, left);
        Assert.Equal(Threads * Rounds, pair.Received.Length);
    }

    [Fact]
    public async Task A_store_that_does_not_read_for_a_while_blocks_no_caller_and_loses_nothing()
    {
        const int Commands = 40;
        await using var pair = await TransportPair.OpenAsync();
        var calling = Task.Run(
            () =>
            {
                for (var i = 0; i < Commands; i++)
                {
                    pair.Write(Enumerable.Repeat((byte)i, Megabyte).ToArray());
                }
            },
            Cancelled);
        await calling.WaitAsync(Eventually.Deadline, Cancelled);

        await pair.TakeAllAsync(1);
        await pair.ReplyAsync("+1");

        var rest = await pair.TakeAllAsync((Commands * Megabyte) - 1);
        Assert.Equal(Enumerable.Range(0, Commands).Select(i => (byte)i), rest.Where((one, i) => i == 0 || rest[i - 1] != one));
    }

    [Fact]
    public async Task A_connection_whose_store_takes_nothing_is_given_up_before_it_holds_too_much()
    {
        await using var pair = await TransportPair.OpenAsync();
        var command = new byte[16 * Megabyte];

        Assert.Throws<IOException>(() =>
        {
            for (var i = 0; i < 10; i++)
            {
                pair.Write(command);
            }
        });

        await pair.ClosedAsync();
        Assert.Equal(1, pair.ClosedCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Closing_wakes_the_reader_and_who_waits_to_write_and_is_told_once(bool isFull)
    {
        await using var pair = await TransportPair.OpenAsync();
        pair.Write(new byte[isFull ? 16 * Megabyte : 1]);

        await pair.Transport.DisposeAsync();
        await pair.Transport.DisposeAsync();

        await pair.ClosedAsync();
        await DrainAsync(pair);
        Assert.Equal(1, pair.ClosedCount);
    }

    [Fact]
    public async Task A_store_that_closes_is_told_once()
    {
        await using var pair = await TransportPair.OpenAsync();

        pair.Store.Dispose();

        Assert.Null(await pair.ClosedAsync());
        Assert.Equal(1, pair.ClosedCount);
    }

    [Fact]
    public async Task When_the_library_wants_no_more_the_connection_is_closed()
    {
        await using var pair = await TransportPair.OpenAsync();
        pair.IsOpen = false;

        await pair.ReplyAsync("+1");

        await pair.ClosedAsync();
        await DrainAsync(pair);
        Assert.Equal(1, pair.ClosedCount);
    }

    /// <summary>The store's end sees the connection closed.</summary>
    private static async Task DrainAsync(TransportPair pair)
    {
        while ((await pair.TakeAsync()).Length > 0)
        {
        }
    }

    private static void Echo(TransportPair pair)
    {
        try
        {
            var bytes = new byte[4096];
            while (pair.Store.Receive(bytes) is > 0 and var count)
            {
                pair.Store.Send(bytes, count, SocketFlags.None);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The test is over, and its sockets are closed.
        }
    }
}
